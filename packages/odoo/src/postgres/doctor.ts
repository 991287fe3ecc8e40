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

/** What this machine offers to Odoo environments; nothing is changed. */
export async function examine(): Promise<readonly Finding[]> {
  return await Promise.all([
    postgres(),
    client('pg_restore', 'templates from dumps'),
    client('pg_dump', 'backups'),
    program('python3', 'real Odoo runtimes', 'python3 python3-venv'),
    program('git', 'pulse runtime install', 'git'),
    reportPrinter(),
    program('nft', 'network isolation of instances (as root)', 'nftables'),
    cgroups(),
  ])
}

async function postgres(): Promise<Finding> {
  const feature = 'everything'
  const subject = 'PostgreSQL'
  const [newest] = await systemPrograms()
  if (newest !== undefined) {
    return { subject, feature, state: 'ok', detail: `system ${newest.major} (${newest.folder})` }
  }
  if (embeddedPackage() !== undefined) {
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

async function client(name: string, feature: string): Promise<Finding> {
  const found = (await clientPrograms(name)).toSorted((a, b) => b.major - a.major)[0]
  if (found === undefined) return missing(name, feature, 'postgresql-client')
  return { subject: name, feature, state: 'ok', detail: `${found.major} (${found.path})` }
}

async function program(name: string, feature: string, packages: string): Promise<Finding> {
  const found = await findProgram(name)
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
async function reportPrinter(): Promise<Finding> {
  const subject = 'wkhtmltopdf'
  const feature = 'PDF reports of Odoo'
  const found = await findProgram(subject)
  if (found === undefined) return missing(subject, feature, subject)
  const version = await runProgram(found, ['--version'], { timeoutMs: 10_000 }).catch(
    () => 'does not start',
  )
  if (version.includes('with patched qt')) return { subject, feature, state: 'ok', detail: found }
  return {
    subject,
    feature,
    state: 'limited',
    detail: 'without patched Qt: reports have no headers and footers',
    remedy: 'install wkhtmltox 0.12.6 from wkhtmltopdf.org',
  }
}

async function cgroups(): Promise<Finding> {
  const subject = 'cgroups'
  const feature = 'memory and CPU limits of instances'
  const isThere = (path: string) =>
    access(join('/sys/fs/cgroup', path)).then(
      () => true,
      () => false,
    )
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
