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
export async function examine(probes: Probes = thisMachine): Promise<readonly Finding[]> {
  const { find } = probes
  return await Promise.all([
    postgres(probes),
    client(probes, 'pg_restore', 'templates from dumps'),
    client(probes, 'pg_dump', 'backups'),
    program(find, 'python3', { feature: 'real Odoo runtimes', packages: 'python3 python3-venv' }),
    program(find, 'git', { feature: 'pulse runtime install', packages: 'git' }),
    reportPrinter(probes),
    program(find, 'nft', {
      feature: 'network isolation of instances (as root)',
      packages: 'nftables',
    }),
    cgroups(probes),
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

async function cgroups({ exists }: Probes): Promise<Finding> {
  const subject = 'cgroups'
  const feature = 'memory and CPU limits of instances'
  const isThere = (path: string) => exists(join('/sys/fs/cgroup', path))
  if (await isThere('cgroup.controllers')) return { subject, feature, state: 'ok', detail: 'v2' }
  const controllers = await Promise.all(['memory', 'cpu', 'pids'].map(isThere))
  if (controllers.every(Boolean)) return { subject, feature, state: 'ok', detail: 'v1' }
  return {
    subject,
    feature,
    state: 'limited',
    detail: 'not mounted with memory, cpu and pids',
    remedy: 'boot with systemd.unified_cgroup_hierarchy=1',
  }
}
