import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { findProgram, runProgram } from '../program.ts'
import { clientPrograms } from '../templates/restore.ts'
import { embeddedPackage, systemPrograms } from './programs.ts'

/** One thing that a machine has or lacks, what it is for, and the command that mends it. */
export interface Finding {
  readonly subject: string
  readonly state: 'ok' | 'missing' | 'limited'
  readonly detail: string
  /** What does not work without it. */
  readonly feature: string
  readonly remedy?: string | undefined
}

/** What the machine lets this user do to keep instances apart; the app has tried it. */
export interface Isolation {
  readonly isRoot: boolean
  readonly ownUsers: boolean
  readonly firewall: boolean
  /** Of `memory`, `cpu` and `pids`, those that can be limited. */
  readonly controllers: readonly string[]
}

/** What is asked of the machine; each answers from what lies there, and changes nothing. */
export interface Probes {
  /** Installed PostgreSQL servers, newest first. */
  readonly servers: () => Promise<readonly { readonly major: number; readonly folder: string }[]>
  readonly embedded: () => string | undefined
  /** Every version of one of PostgreSQL's client programs. */
  readonly clients: (
    name: string,
  ) => Promise<readonly { readonly major: number; readonly path: string }[]>
  readonly find: (program: string) => Promise<string | undefined>
  /** What a program says when asked for its version. */
  readonly version: (program: string) => Promise<string>
  readonly exists: (path: string) => Promise<boolean>
}

const wantedControllers = ['memory', 'cpu', 'pids']

const thisMachine: Probes = {
  servers: systemPrograms,
  embedded: embeddedPackage,
  clients: clientPrograms,
  find: findProgram,
  version: (program) => runProgram(program, ['--version'], { timeoutMs: 10_000 }),
  exists: (path) =>
    access(path).then(
      () => true,
      () => false,
    ),
}

/** What a machine offers to Odoo environments; nothing is changed. */
export async function examine(
  isolation: Isolation,
  probes: Probes = thisMachine,
): Promise<readonly Finding[]> {
  const { find } = probes
  return await Promise.all([
    postgres(probes),
    client(probes, 'pg_restore', 'templates from dumps'),
    client(probes, 'pg_dump', 'backups'),
    python(find),
    program(find, 'git', { feature: 'pulse runtime install', packages: 'git' }),
    reportPrinter(probes),
    firewall(find, isolation),
    ownUsers(isolation),
    cgroups(probes, isolation),
  ])
}

async function postgres({ servers, embedded }: Probes): Promise<Finding> {
  const feature = 'everything'
  const subject = 'PostgreSQL'
  const [newest] = await servers()
  if (newest !== undefined) {
    return { subject, feature, state: 'ok', detail: `system ${newest.major} (${newest.folder})` }
  }
  if (embedded() !== undefined) {
    return { subject, feature, state: 'ok', detail: 'embedded package' }
  }
  return {
    subject,
    feature,
    state: 'missing',
    detail: 'neither installed nor embedded',
    remedy: 'apt-get install -y postgresql',
  }
}

async function client({ clients }: Probes, name: string, feature: string): Promise<Finding> {
  const found = (await clients(name)).toSorted((a, b) => b.major - a.major)[0]
  if (found === undefined) return missing(name, feature, 'postgresql-client')
  return { subject: name, feature, state: 'ok', detail: `${found.major} (${found.path})` }
}

/** The interpreter of a runtime may be another one, so what this one lacks is not missing. */
async function python(find: Probes['find']): Promise<Finding> {
  const packages = 'python3 python3-venv'
  const found = await program(find, 'python3', { feature: 'real Odoo runtimes', packages })
  if (found.state !== 'ok') return found
  const detail = `${found.detail}; not whether it has Odoo's packages: runtime add tries that, runtime install brings them`
  return { ...found, detail }
}

async function program(
  find: Probes['find'],
  name: string,
  { feature, packages }: { readonly feature: string; readonly packages: string },
): Promise<Finding> {
  const found = await find(name)
  if (found === undefined) return missing(name, feature, packages)
  return { subject: name, feature, state: 'ok', detail: found }
}

function missing(subject: string, feature: string, packages: string): Finding {
  return {
    subject,
    feature,
    state: 'missing',
    detail: 'not installed',
    remedy: `apt-get install -y ${packages}`,
  }
}

/** Only a build with patched Qt prints headers and footers; Debian's has none. */
async function reportPrinter({ find, version: versionOf }: Probes): Promise<Finding> {
  const subject = 'wkhtmltopdf'
  const feature = 'PDF reports of Odoo'
  const found = await find(subject)
  if (found === undefined) return missing(subject, feature, subject)
  const version = await versionOf(found).catch(() => 'does not start')
  if (version.includes('with patched qt')) return { subject, feature, state: 'ok', detail: found }
  return {
    subject,
    feature,
    state: 'limited',
    detail: 'without patched Qt: reports have no headers and footers',
    remedy: 'install wkhtmltox 0.12.6 from wkhtmltopdf.org',
  }
}

async function firewall(find: Probes['find'], isolation: Isolation): Promise<Finding> {
  const feature = 'network isolation of instances'
  const found = await program(find, 'nft', { feature, packages: 'nftables' })
  // Without users of their own there is nothing that rules could tell apart.
  if (found.state !== 'ok' || (isolation.firewall && isolation.ownUsers)) return found
  return { ...found, ...unavailable(isolation, 'instances reach each other', 'CAP_NET_ADMIN') }
}

function ownUsers(isolation: Isolation): Finding {
  const found = { subject: 'own users', feature: 'files and processes of instances apart' }
  if (isolation.ownUsers) return { ...found, state: 'ok', detail: 'setpriv' }
  return {
    ...found,
    ...unavailable(
      isolation,
      'all instances run as one user',
      'setpriv and CAP_SETUID, CAP_SETGID',
    ),
  }
}

/** Being root is not enough inside many containers. */
function unavailable({ isRoot }: Isolation, so: string, needed: string) {
  const state = 'limited' as const
  return isRoot
    ? { state, detail: `not permitted here, ${so}`, remedy: `run Pulse with ${needed}` }
    : { state, detail: `not available without root, ${so}`, remedy: 'run Pulse as root' }
}

async function cgroups({ exists }: Probes, { isRoot, controllers }: Isolation): Promise<Finding> {
  const subject = 'cgroups'
  const feature = 'memory and CPU limits of instances'
  const isThere = (path: string) => exists(join('/sys/fs/cgroup', path))
  const isUnified = await isThere('cgroup.controllers')
  const unlimited = wantedControllers.filter((name) => !controllers.includes(name))
  if (unlimited.length === 0) {
    return { subject, feature, state: 'ok', detail: isUnified ? 'v2' : 'v1' }
  }
  const isMounted = isUnified || (await Promise.all(unlimited.map(isThere))).every(Boolean)
  if (!isMounted) {
    return {
      subject,
      feature,
      state: 'limited',
      detail: 'not mounted with memory, cpu and pids',
      remedy: 'boot with systemd.unified_cgroup_hierarchy=1',
    }
  }
  return {
    subject,
    feature,
    state: 'limited',
    detail: `not writable for this user, no limits of ${unlimited.join(', ')}`,
    remedy: isRoot
      ? 'mount /sys/fs/cgroup writable'
      : 'run Pulse as root or by systemd (Delegate=yes)',
  }
}
