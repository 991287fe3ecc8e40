import { type Answer, textAnswer } from './answer.ts'

/** Throws, or rejects, when it does not hold. What it throws is logged and told to nobody. */
export type HealthCheck = (signal: AbortSignal) => unknown

export interface HealthOptions {
  /** By name, as in `/readyz/store`. */
  readonly checks: Readonly<Record<string, HealthCheck>>
  readonly onFailure: (check: string, error: unknown) => void
}

/** Answers `/livez`, `/readyz` and `/healthz` and what is below them; undefined for any other path. */
export type Health = (path: string, query: URLSearchParams) => Promise<Answer | undefined>

/** A check that takes longer has failed. */
const checkMs = 2_000

/**
 * As Kubernetes has them: open to everyone, since they say no more than which part holds. Alive is who answers; ready,
 * whose checks all hold. `?verbose` tells each, `?exclude=NAME` leaves one out, `/readyz/NAME` asks one alone.
 */
export function createHealth({ checks, onFailure }: HealthOptions): Health {
  const alive: HealthOptions['checks'] = { ping: () => undefined }
  const groups = new Map([
    ['livez', alive],
    ['readyz', { ...alive, ...checks }],
    ['healthz', alive],
  ])

  async function failureOf(name: string, check: HealthCheck): Promise<string | undefined> {
    const limit = AbortSignal.timeout(checkMs)
    try {
      await Promise.race([Promise.resolve(check(limit)), lateAt(limit)])
      return undefined
    } catch (error) {
      onFailure(name, error)
      return name
    }
  }

  return async (path, query) => {
    const [, group = '', name, ...more] = path.replace(/\/$/, '').split('/')
    const own = groups.get(group)
    if (own === undefined || more.length > 0) return undefined
    if (name !== undefined && !Object.hasOwn(own, name)) return undefined
    const excluded = query.getAll('exclude')
    const asked = Object.entries(own).filter(([one]) =>
      name === undefined ? !excluded.includes(one) : one === name,
    )
    const failed = await Promise.all(asked.map(([one, check]) => failureOf(one, check)))
    const holds = failed.every((one) => one === undefined)
    if (holds && !query.has('verbose')) return textAnswer('ok')
    const lines = asked.map(([one], at) =>
      failed[at] === undefined ? `[+]${one} ok` : `[-]${one} failed: reason withheld`,
    )
    const verdict = `${group} check ${holds ? 'passed' : 'failed'}`
    return { ...textAnswer(`${[...lines, verdict].join('\n')}\n`), code: holds ? 200 : 500 }
  }
}

async function lateAt(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  const late = () => reject(new Error(`no answer within ${checkMs} ms`))
  signal.addEventListener('abort', late, { once: true })
  return await promise
}
