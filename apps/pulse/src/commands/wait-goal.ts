import { isRecord, type KubeObject } from '@pulse/api'
import { CommandError, exitCodes } from '../exit.ts'
import { conditionsOf, findCondition, whyLost } from './conditions.ts'

/** What is waited for, as `--for` says it. */
export interface Goal {
  readonly text: string
  /** What it means that the object is not there. */
  readonly absence: 'refused' | 'awaited' | 'wanted'
  /** Of an object that is there. */
  holds(object: KubeObject): boolean
  /** How far it is, in the object's own words. */
  progressOf?(object: KubeObject): string | undefined
  /** Why it will never hold; undefined when it may. */
  whyNever?(object: KubeObject): string | undefined
  /** What is to be said when it was waited for in vain. */
  whyNot?(object: KubeObject | undefined): string | undefined
}

/** Kubectl's forms: `condition=TYPE[=STATUS]`, `jsonpath={PATH}[=VALUE]`, `create`, `delete`. */
export function parseGoal(text: string): Goal {
  if (text === 'delete') return { text, absence: 'wanted', holds: () => false }
  if (text === 'create') return { text, absence: 'awaited', holds: () => true }
  const [form = '', wanted = ''] = text.split(/=(.*)/s)
  if (form === 'jsonpath') return pathGoal(text, wanted)
  const match = /^([A-Za-z.]+)(?:=(True|False|Unknown))?$/i.exec(wanted)
  if (form.toLowerCase() === 'condition' && match?.[1]) {
    return conditionGoal(text, match[1], match[2] ?? 'True')
  }
  throw new CommandError(
    `--for=${text}: write condition=TYPE, condition=TYPE=STATUS, jsonpath='{.PATH}'=VALUE, create or delete`,
    exitCodes.usage,
  )
}

function conditionGoal(text: string, type: string, status: string): Goal {
  return {
    text,
    absence: 'refused',
    holds: (object) => findCondition(object, type)?.status.toLowerCase() === status.toLowerCase(),
    progressOf: (object) => findCondition(object, type)?.message,
    whyNever: (object) =>
      type.toLowerCase() === 'ready' && status.toLowerCase() === 'true'
        ? whyLost(object)
        : undefined,
    whyNot(object) {
      const types = conditionsOf(object).map((condition) => condition.type)
      if (types.some((known) => known.toLowerCase() === type.toLowerCase())) return undefined
      const known = types.length > 0 ? `it has ${types.join(', ')}` : 'it has none'
      return `no condition "${type}"; ${known}`
    },
  }
}

function pathGoal(text: string, given: string): Goal {
  // A path may be in braces or not, a value in quotes or not, as kubectl takes them.
  const [, braced, bare = '', value] = /^(?:\{([^{}]*)\}|([^={}]*))(?:=(.*))?$/s.exec(given) ?? []
  const steps = stepsOf(braced ?? bare)
  if (steps === undefined) {
    throw new CommandError(
      `--for=${text}: only a simple path is understood, as jsonpath='{.status.url}'=VALUE or '{.spec.aliases[0]}'`,
      exitCodes.usage,
    )
  }
  const wanted = value?.replace(/^(["'])(.*)\1$/s, '$2')
  return {
    text,
    absence: 'refused',
    holds(object) {
      const found = valueAtSteps(object, steps)
      return wanted === undefined ? isThere(found) : isThere(found) && String(found) === wanted
    },
    whyNot(object) {
      const found = valueAtSteps(object, steps)
      return isThere(found) ? `it is ${JSON.stringify(found)}` : 'it is not set'
    },
  }
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null
}

const step = /\.((?:[\w-]|\\\.)+)|\[(\d+)\]|\['([^']+)'\]/y

/** `.status.url`, `.aliases[0]`, `.labels.a\.b` or `.labels['a.b']`; undefined for all that jsonpath has beyond that. */
function stepsOf(path: string): readonly string[] | undefined {
  const text = /^[.[]/.test(path) ? path : `.${path}`
  const steps: string[] = []
  step.lastIndex = 0
  while (step.lastIndex < text.length) {
    const [whole, name, index, key] = step.exec(text) ?? []
    if (whole === undefined) return undefined
    steps.push(name?.replaceAll('\\.', '.') ?? index ?? key ?? '')
  }
  return steps
}

function valueAtSteps(object: unknown, steps: readonly string[]): unknown {
  return steps.reduce<unknown>((at, name) => {
    if (Array.isArray(at)) return at[Number(name)]
    return isRecord(at) && Object.hasOwn(at, name) ? at[name] : undefined
  }, object)
}
