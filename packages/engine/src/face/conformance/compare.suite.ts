import { isRecord } from '@pulse/api'
import type { Outcome } from './outcome.suite.ts'

/** One place where our answer is not Kubernetes'. */
export interface Deviation {
  /** `body.metadata.labels`, `headers.vary`, `code`. */
  readonly at: string
  readonly kubernetes: unknown
  readonly pulse: unknown
}

/** Every place where two answers differ; the smallest, so that a list names as little as it must. */
export function compareOutcomes(kubernetes: Outcome, pulse: Outcome): readonly Deviation[] {
  if (kindOf(kubernetes.body) === kindOf(pulse.body)) return compare('', kubernetes, pulse)
  // One refuses what the other does: there is nothing to compare inside.
  return [
    ...compare('code', kubernetes.code, pulse.code),
    ...compare('headers', kubernetes.headers, pulse.headers),
    { at: 'body', kubernetes: kubernetes.body, pulse: pulse.body },
  ]
}

function kindOf(body: unknown): unknown {
  return isRecord(body) ? body.kind : typeof body
}

function compare(at: string, kubernetes: unknown, pulse: unknown): readonly Deviation[] {
  if (isRecord(kubernetes) && isRecord(pulse)) {
    const names = new Set([...Object.keys(kubernetes), ...Object.keys(pulse)])
    return [...names].flatMap((name) =>
      compare(at === '' ? name : `${at}.${name}`, kubernetes[name], pulse[name]),
    )
  }
  if (Array.isArray(kubernetes) && Array.isArray(pulse)) {
    if (kubernetes.length !== pulse.length) return [{ at: `${at}[]`, kubernetes, pulse }]
    return kubernetes.flatMap((item, index) => compare(`${at}[${index}]`, item, pulse[index]))
  }
  return kubernetes === pulse ? [] : [{ at, kubernetes, pulse }]
}
