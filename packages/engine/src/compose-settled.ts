import type { ComposeInput, ComposeOutput, KubeObject } from '@pulse/api'
import { toSeconds } from './conditions.ts'
import { isSame } from './fingerprint.ts'
import type { Objects } from './objects.ts'
import type { Ownership } from './ownership.ts'
import { type RequirementIndex, readRequired } from './required.ts'
import type { KindRef } from './watch-source.ts'

export interface Composition extends KindRef {
  /** A method, so that one for a certain kind fits: the kind's schema has checked what it is given. */
  compose(input: ComposeInput): ComposeOutput
  readonly parameters: unknown
  readonly ownership: Ownership
  /** Whether the composite stands in the store and carries its own status. */
  readonly isStored: boolean
  /** The kinds it may emit or ask to see: of another kind no change would ever be heard of. */
  readonly watches: readonly KindRef[]
}

export interface Settling {
  readonly observed: Readonly<Record<string, KubeObject>>
  readonly objects: Objects
  readonly required: RequirementIndex
  readonly now: Date
}

/** As in Crossplane: what a composition asks for may make it ask for more, but not for ever. */
const mostRounds = 5

/** Composes until all that the composition asks to see has been shown to it. */
export async function composeSettled(
  composite: KubeObject,
  composition: Composition,
  { observed, objects, required: index, now }: Settling,
): Promise<ComposeOutput> {
  const { parameters } = composition
  const { name } = composite.metadata
  for (let round = 0; round < mostRounds; round += 1) {
    const asked = index.of(name)
    const required = await readRequired(asked, objects)
    const input = { resource: composite, observed, required, now: toMinute(now), parameters }
    const desired = composition.compose(input)
    mustBeWatched(desired, composition.watches)
    if (isSame(desired.requires, asked)) return desired
    // Noted before it is read: a change in between brings the next pass.
    index.note(name, desired.requires)
  }
  throw new Error(`the composition asked for other objects ${mostRounds} times in a row`)
}

function mustBeWatched({ objects, requires }: ComposeOutput, watches: readonly KindRef[]) {
  for (const { apiVersion, kind } of [...Object.values(objects), ...Object.values(requires)]) {
    if (watches.some((watch) => watch.kind === kind && watch.apiVersion === apiVersion)) continue
    throw new Error(`the composition names ${apiVersion} ${kind}, which is not watched for it`)
  }
}

/** The only clock a composition sees. */
export function toMinute(now: Date): string {
  return toSeconds(new Date(Math.floor(now.getTime() / 60_000) * 60_000))
}

/**
 * When to look again for the sake of `requeueAt`: at the first full minute that is not before it, for until then a
 * composition would see the same time as now.
 */
export function nextPassAt(requeueAt: string | undefined, now: Date): Date | undefined {
  if (requeueAt === undefined) return undefined
  const asked = Date.parse(requeueAt)
  if (Number.isNaN(asked)) throw new Error(`requeueAt is not a time: ${requeueAt}`)
  const nextMinute = Math.floor(now.getTime() / 60_000) * 60_000 + 60_000
  return new Date(Math.max(nextMinute, Math.ceil(asked / 60_000) * 60_000))
}
