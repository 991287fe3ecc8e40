import type { DiskUse } from '../machine-status/disk-use.ts'
import type { MachineStatus } from '../machine-status/schema.ts'
import type { Running } from '../server/running.ts'
import { bytesWords } from '../terminal/bytes-words.ts'
import { clipTo, wrapTo } from '../terminal/lines.ts'
import { renderTable } from '../terminal/table.ts'
import type { CommandContext } from './context.ts'
import { ageOf } from './print.ts'
import type { Left } from './read-left.ts'
import { waitingSection, warningSection } from './status-sections.ts'

/** Terminals have so many columns at least. */
export const screenColumns = 80
const titleColumns = 15

export interface StatusFacts extends Pick<CommandContext, 'hint'> {
  readonly running: Running
  readonly machine: MachineStatus
  readonly disk: DiskUse
  readonly now: Date
}

/** All that an operator asks first, at most 80 columns wide. */
export function statusScreen(facts: StatusFacts): string {
  const { running, machine, disk, now } = facts
  const rows: readonly (readonly [string, string])[] = [
    ['Gateway', running.gateway],
    ...optional('Gateway, TLS', running.gatewayTls),
    ['API', running.api],
    ...optional('Metrics', running.metrics),
    ['PostgreSQL', postgresWords(facts)],
    ['Version', running.version],
    ['Running for', `${ageOf(running.startedAt, now)}, process ${running.pid}`],
    ['Tenants', tenantWords(machine)],
    ['Environments', environmentWords(machine)],
    ...optional('Not served', unservedWords(machine)),
    ['Pods', `${machine.runningPods} running`],
    ['Runtimes', machine.runtimes.map(runtimeWords).join('; ')],
    ['Standbys', standbyWords(machine)],
    ['Isolation', isolationWords(machine)],
    ...diskRows(disk),
    ...machine.problems.map((problem) => ['Problem', problem] as const),
  ]
  const sections = [waitingSection(machine, facts.hint), warningSection(machine, now)]
  return [partTable(rows), ...sections.filter((section) => section !== '')].join('\n\n')
}

export interface LeftFacts extends Left, Pick<CommandContext, 'hint'> {
  /** Somebody is starting or stopping it. */
  readonly isBetween: boolean
  readonly disk: DiskUse
}

/** What is there while Pulse does not run. */
export function leftScreen({ isBetween, isPostgresRunning, pods, killed, disk, hint }: LeftFacts) {
  const isLeft = isPostgresRunning || pods.length > 0
  const first = pods.slice(0, 3).map(({ namespace, name }) => `${namespace}/${name}`)
  return partTable([
    ['Pulse', isBetween ? 'is starting or stopping' : 'does not run'],
    ...(killed && !isBetween
      ? [
          [
            'Last',
            `process ${killed.pid}, since ${killed.startedAt}: it did not end by itself`,
          ] as const,
        ]
      : []),
    ['PostgreSQL', isPostgresRunning ? 'runs' : 'does not run'],
    [
      'Tenants',
      pods.length === 0 ? 'none runs' : `${pods.length} pods run: ${cut(first, pods.length)}`,
    ],
    ...(isLeft && !isBetween
      ? [['What next', `${hint('up')} takes them over, ${hint('down')} ends them`] as const]
      : []),
    ...diskRows(disk),
  ])
}

/** Names, and how many more there are. */
function cut(names: readonly string[], all: number): string {
  const more = all - names.length
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ')
}

function partTable(rows: readonly (readonly [string, string])[]): string {
  const lines = rows.flatMap(([title, text]) =>
    wrapTo(text, screenColumns - titleColumns).map((line, at) => [at === 0 ? title : '', line]),
  )
  return renderTable(['PART', 'STATE'], lines)
}

function optional(title: string, text: string | undefined): readonly (readonly [string, string])[] {
  return text === undefined || text === '' ? [] : [[title, text]]
}

function postgresWords({ running: { postgres: own }, machine: { postgres } }: StatusFacts): string {
  if (postgres === undefined) return `${own.major} (${own.source}), does not answer`
  const { serverVersion, connections, maxConnections, databases, storeBytes } = postgres
  return `${serverVersion} (${own.source}), ${connections} of ${maxConnections} connections, ${databases} databases, ${bytesWords(storeBytes)} of its own`
}

function tenantWords({ clients, readyClients, tombstones }: MachineStatus): string {
  const kept =
    tombstones === undefined || tombstones === 0 ? '' : `, ${tombstones} deleted and kept`
  return `${clients}, ${readyClients} ready${kept}`
}

function environmentWords(machine: MachineStatus): string {
  const { environments, readyEnvironments, asleepEnvironments } = machine
  return `${environments}, ${readyEnvironments} ready, ${asleepEnvironments} asleep`
}

function unservedWords(machine: MachineStatus): string {
  const counts = {
    'being made': machine.creatingEnvironments,
    failing: machine.failingEnvironments,
    suspended: machine.suspendedEnvironments,
    'being deleted': machine.deletingEnvironments,
  }
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([words, count]) => `${count} ${words}`)
    .join(', ')
}

function runtimeWords({
  major,
  version,
  standIn,
  forks,
  message = '',
}: MachineStatus['runtimes'][number]) {
  const kind = standIn ? `Odoo ${major} played by the stand-in` : `Odoo ${version}`
  return `${kind}, ${forks ? 'forks' : `no forks (${clipTo(message, 60)})`}`
}

/** Those that lack some say why none is made. */
function standbyWords({ standbys }: MachineStatus): string {
  if (standbys.length === 0) return 'none wanted yet'
  return standbys
    .map(({ template, hosting, ready, wanted, reason }) => {
      const why = ready < wanted ? ` (${reason})` : ''
      return `${template} ${hosting} ${ready} of ${wanted}${why}`
    })
    .join(', ')
}

function isolationWords({ machine }: MachineStatus): string {
  if (machine.length === 0) return 'unknown: the Node says nothing'
  return machine
    .map(({ type, status, reason, message }) =>
      status === 'True' ? `${type} (${reason})` : `not ${type} (${reason}): ${message ?? ''}`,
    )
    .join('; ')
}

function diskRows({
  path,
  totalBytes,
  freeBytes,
  parts,
}: DiskUse): readonly (readonly [string, string])[] {
  const percent = Math.round((freeBytes / totalBytes) * 100)
  const shown = parts
    .filter(({ bytes, isWhole }) => bytes > 0 || !isWhole)
    .map(({ name, bytes, isWhole }) => `${name} ${isWhole ? '' : '> '}${bytesWords(bytes)}`)
  return [
    ['State', path],
    ['Disk', `${bytesWords(freeBytes)} of ${bytesWords(totalBytes)} free (${percent} %)`],
    ['Disk, used', shown.join(', ')],
  ]
}
