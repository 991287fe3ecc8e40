import type { PodUse } from './pod-use.ts'

/** What a pod uses now. */
export interface PodRate {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly containers: readonly ContainerRate[]
}

export interface ContainerRate {
  readonly name: string
  /** Cores, on average over the window. */
  readonly cpus: number
  readonly memoryBytes: number
}

export interface UseRates {
  readonly pods: readonly PodRate[]
  /** Epoch milliseconds of the later of both looks. */
  readonly at: number
  readonly windowMs: number
}

export interface UseRatesOptions {
  readonly read: () => Promise<readonly PodUse[]>
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly pause: (milliseconds: number) => Promise<void>
}

/** Who asks again sooner gets the same answer: a look at all processes is not free. */
const freshMs = 1_000
/** An older look says nothing of now. */
const windowMostMs = 60_000
/** Between two looks, where nobody has looked before. */
const firstWindowMs = 500

interface Sample {
  readonly at: number
  readonly pods: readonly PodUse[]
}

/** Rates from two looks at the counters; nobody looks while nobody asks. */
export function createUseRates({ read, now, pause }: UseRatesOptions): () => Promise<UseRates> {
  let last: Sample | undefined
  let answer: UseRates | undefined
  let under: Promise<UseRates> | undefined

  const look = async (): Promise<Sample> => ({ pods: await read(), at: now() })

  async function measure(): Promise<UseRates> {
    if (last === undefined || now() - last.at > windowMostMs) {
      last = await look()
      await pause(firstWindowMs)
    }
    const next = await look()
    const rates = ratesBetween(last, next)
    last = next
    answer = rates
    return rates
  }

  return async () => {
    if (answer !== undefined && now() - answer.at < freshMs) return answer
    under ??= measure().finally(() => {
      under = undefined
    })
    return await under
  }
}

function ratesBetween(before: Sample, after: Sample): UseRates {
  const windowMs = Math.max(1, after.at - before.at)
  const earlier = new Map(
    before.pods.flatMap(({ uid, containers }) =>
      containers.map(({ name, cpuSeconds }) => [`${uid}/${name}`, cpuSeconds] as const),
    ),
  )
  const pods = after.pods.map(({ containers, ...pod }) => ({
    ...pod,
    containers: containers.map(({ name, cpuSeconds, memoryBytes }) => {
      // Of one that was started anew, or came since, all that it has used.
      const used = cpuSeconds - (earlier.get(`${pod.uid}/${name}`) ?? 0)
      const seconds = used >= 0 ? used : cpuSeconds
      return { name, memoryBytes, cpus: (seconds * 1000) / windowMs }
    }),
  }))
  return { pods, at: after.at, windowMs }
}
