import { apiVersion, type KubeObject, textAt } from '@pulse/api'
import type { Cluster } from './context.ts'
import { ageOf } from './print.ts'
import type { ShownFigures } from './read-figures.ts'
import { readStanding, type Standing } from './standing.ts'

/** What `describe` tells of an environment's sleep, line by line. */
export interface LifeFacts {
  readonly standing: Standing
  readonly figures: ShownFigures | undefined
}

/** A TenantEnvironment and whose it is. */
export interface EnvironmentMeant {
  readonly apiVersion: string
  readonly kind: 'TenantEnvironment'
  readonly name: string
  readonly client: string
}

/** Of a tenant it is its prod; undefined for whatever does not sleep, as it is no environment. */
export function environmentMeant({
  kind,
  metadata: { name },
  spec,
}: KubeObject): EnvironmentMeant | undefined {
  const environment = { apiVersion, kind: 'TenantEnvironment' } as const
  if (kind === 'PLANAClient') return { ...environment, name: `${name}-prod`, client: name }
  const client = kind === 'TenantEnvironment' ? textAt(spec, 'client') : undefined
  return client === undefined ? undefined : { ...environment, name, client }
}

/** Undefined once it is gone. */
export async function readLife(
  cluster: Pick<Cluster, 'get' | 'list'>,
  meant: EnvironmentMeant,
  readFigures: (environment: string) => Promise<ShownFigures | undefined>,
): Promise<LifeFacts | undefined> {
  const standing = await readStanding(cluster, meant, Date.now())
  if (standing === undefined) return undefined
  return { standing, figures: await readFigures(meant.name) }
}

/** The section's lines, without their indentation. */
export function lifeLines({ standing, figures }: LifeFacts, now: Date): readonly string[] {
  const { awakeUntil, startsPlainly } = standing
  const keeping = awakeUntil === undefined ? 'no' : `until ${new Date(awakeUntil).toISOString()}`
  return [
    line('Temperature', temperatureWords(standing, figures)),
    ...(standing.hosting === 'pool' ? poolLines(figures) : figureLines(figures, now)),
    ...(startsPlainly === undefined ? [] : [line('Next start', startsPlainly)]),
    line('Kept awake', keeping),
  ]
}

function figureLines(figures: ShownFigures | undefined, now: Date): readonly string[] {
  if (figures === undefined) return [line('Since', 'unknown: the gateway has told nothing of it')]
  const { since, awakeMsToday } = figures
  const seconds = Math.round(awakeMsToday / 1000)
  return [
    line(
      'Since',
      `${ageOf(new Date(since).toISOString(), now)} (${new Date(since).toISOString()})`,
    ),
    ...wakeLines(figures),
    line('Awake today', `${seconds} s`),
  ]
}

/** Its workers run whatever it does: only its wakes are its own. */
function poolLines(figures: ShownFigures | undefined): readonly string[] {
  return figures?.wakeTimes === undefined ? [] : wakeLines(figures)
}

function wakeLines({ wakesToday, wakeTimes, wakeTimesFrom = {} }: ShownFigures): readonly string[] {
  return [
    line('Wakes today', String(wakesToday)),
    line('Wake times', wakeTimes === undefined ? '<none>' : wakeWords(wakeTimes)),
    ...Object.entries(wakeTimesFrom).map(([from, times]) => line(`  ${from}`, wakeWords(times))),
  ]
}

function wakeWords({ count, p50Ms, p99Ms }: NonNullable<ShownFigures['wakeTimes']>): string {
  const of = count === 1 ? 'the last one' : `the last ${count}`
  return `p50 ${inSeconds(p50Ms)}, p99 ${inSeconds(p99Ms)}, of ${of}`
}

function inSeconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`
}

/** Hot: its process runs with the database loaded. Cold: nothing of it runs. */
function temperatureWords(standing: Standing, figures: ShownFigures | undefined): string {
  const { hosting, odooVersion } = standing
  if (hosting === 'pool') return `warm or hot, served by the pool of Odoo ${odooVersion}`
  const state = figures?.state ?? stateOf(standing)
  const temperatures: Readonly<Record<string, string>> = {
    awake: 'hot',
    draining: 'hot',
    stopping: 'hot',
    starting: 'cold',
  }
  return `${temperatures[state] ?? 'cold'}, ${state}`
}

/** What the store shows, when the gateway does not tell. */
function stateOf({ isPaused, wanted, processes, isServed }: Standing): string {
  if (isPaused !== undefined) return isPaused
  if (wanted === 'down') return processes === 0 ? 'asleep' : 'stopping'
  if (wanted === 'draining') return 'draining'
  return isServed ? 'awake' : 'starting'
}

function line(title: string, text: string): string {
  return `${`${title}:`.padEnd(14)}${text}`
}
