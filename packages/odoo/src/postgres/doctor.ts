import { access } from 'node:fs/promises'
import { findProgram } from '../program.ts'
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
    program('wkhtmltopdf', 'PDF reports of Odoo', 'wkhtmltopdf'),
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

async function cgroups(): Promise<Finding> {
  const subject = 'cgroups v2'
  const feature = 'memory and CPU limits of instances'
  const mounted = await access('/sys/fs/cgroup/cgroup.controllers').then(
    () => true,
    () => false,
  )
  if (mounted) return { subject, feature, state: 'ok', detail: '/sys/fs/cgroup' }
  return {
    subject,
    feature,
    state: 'limited',
    detail: 'not mounted as v2',
    remedy: 'boot with systemd.unified_cgroup_hierarchy=1',
  }
}
