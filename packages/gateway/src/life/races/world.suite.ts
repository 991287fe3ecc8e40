import type { ManualClock } from '../../manual-clock.suite.ts'
import type { Backend } from '../../route-source.ts'
import { isSameRecord, type LifeRecord } from '../record.ts'
import type { LifeChange, Sight, Standing, Waker } from '../waker.ts'

/** Chance, the same each time for the same seed. */
export interface Chance {
  /** In [from, to). */
  between(from: number, to: number): number
  is(probability: number): boolean
}

/** The store, the engine and the process of one environment, as slow, late and fragile as they like. */
export interface RaceWorld {
  waker(gateway: number): Waker
  /** What the process at this backend makes of a request that reaches it now. */
  take(backend: Backend): 'taken' | 'sealed' | 'unreachable'
  /** A request that was taken is through; false if its process crashed under it. */
  finish(backend: Backend): boolean
  readonly sleeps: number
  readonly starts: number
  /** Requests under which their process has crashed. */
  readonly cutOff: number
  /** Broken promises of the world itself. */
  readonly fouls: readonly string[]
}

interface Process {
  readonly id: string
  readonly backend: Backend
  state: 'starting' | 'ready' | 'sealed' | 'gone'
  /** What the gateways' address book shows. */
  isShownReady: boolean
  running: number
}

export interface RaceWorldOptions {
  readonly clock: ManualClock
  readonly chance: Chance
  readonly gateways: number
  readonly idleMs: number
  /** Whether processes crash and the store fails. */
  readonly isFragile: boolean
  /** Whether gateways lose their sight of the store, and the others stop waiting for them. */
  readonly isPartitioned: boolean
  /** Whether processes are sealed before they end; without it the last request may be lost, and the race must tell. */
  readonly isSealing: boolean
}

export function createRaceWorld(options: RaceWorldOptions): RaceWorld {
  const { clock, chance, gateways, isFragile } = options
  let record: LifeRecord = { generation: 0, state: 'down', words: [], since: 0 }
  let version = 1
  let process: Process | undefined
  const processes = new Map<string, Process>()
  const fouls: string[] = []
  const listeners: (() => void)[][] = Array.from({ length: gateways }, () => [])
  const shown: Sight[] = Array.from({ length: gateways }, () => sightNow(false))
  let [sleeps, starts, cutOff] = [0, 0, 0]
  const later = (from: number, to: number, run: () => void) =>
    void clock.after(chance.between(from, to), run)

  function sightNow(isCertain: boolean): Sight {
    const living = process !== undefined && process.state !== 'gone' ? process : undefined
    const isLeaving = living?.state === 'sealed'
    const isReady = living?.isShownReady === true && !isLeaving
    return {
      record,
      version,
      ready: living && isReady ? [living.backend] : [],
      starting: living && !isReady && !isLeaving ? [living.backend] : [],
      leaving: isLeaving ? 1 : 0,
      isGone: isCertain && living === undefined,
      service: 'active',
      idleMs: options.idleMs,
      wakeTimeoutMs: 60_000,
      concurrency: 4,
      priority: 0,
    }
  }

  const blindUntil = Array.from({ length: gateways }, () => 0)
  const isBlind = (gateway: number) => clock.now() < (blindUntil[gateway] ?? 0)
  /** What comes from the store to a gateway comes when it sees again. */
  function reach(gateway: number, [from, to]: readonly [number, number], run: () => void) {
    const blindMs = Math.max(0, (blindUntil[gateway] ?? 0) - clock.now())
    later(blindMs + from, blindMs + to, () =>
      isBlind(gateway) ? reach(gateway, [from, to], run) : run(),
    )
  }

  /** Each gateway hears of it in its own time, but in order. */
  const queues: Sight[][] = Array.from({ length: gateways }, () => [])
  function changed() {
    for (const [index, queue] of queues.entries()) {
      if (options.isPartitioned && index > 0 && chance.is(0.01))
        blindUntil[index] = clock.now() + 900
      queue.push(sightNow(false))
      reach(index, [0, chance.is(0.05) ? 200 : 10], () => {
        const next = queue.shift()
        if (next !== undefined) shown[index] = next
        for (const listener of listeners[index] ?? []) listener()
      })
    }
  }

  /** As the controllers do it: what is wanted is made, what is not is sealed, drained and ended. */
  function follow() {
    if (record.state === 'down') {
      const leaving = process
      if (leaving !== undefined && leaving.state !== 'gone') later(1, 20, () => seal(leaving))
      return
    }
    if (process !== undefined && process.state !== 'gone') return
    later(1, 10, begin)
  }

  function begin() {
    if (record.state === 'down') return
    if (process !== undefined && process.state !== 'gone') {
      if (process.state === 'sealed') fouls.push('woken while the old process still ends')
      return
    }
    starts += 1
    const id = `p${starts}`
    const born: Process = {
      id,
      backend: { address: '127.0.0.1', httpPort: starts, websocketPort: starts, process: id },
      state: 'starting',
      isShownReady: false,
      running: 0,
    }
    process = born
    processes.set(id, born)
    changed()
    later(5, chance.is(0.05) ? 2_000 : 100, () => {
      if (born.state !== 'starting') return
      born.state = 'ready'
      later(0, 80, () => {
        born.isShownReady = true
        changed()
      })
      if (isFragile && chance.is(0.02)) later(0, 500, () => crash(born))
    })
  }

  function crash(dying: Process) {
    if (dying.state === 'gone') return
    dying.state = 'gone'
    cutOff += dying.running
    dying.running = 0
    changed()
    follow()
  }

  function seal(leaving: Process) {
    if (record.state !== 'down' || leaving.state === 'gone') return follow()
    leaving.state = options.isSealing ? 'sealed' : 'gone'
    changed()
    if (options.isSealing) end(leaving)
    else follow()
  }

  function end(leaving: Process) {
    if (leaving.state === 'gone') return
    if (leaving.running > 0) return later(1, 10, () => end(leaving))
    later(1, 30, () => {
      leaving.state = 'gone'
      changed()
      follow()
    })
  }

  function apply({ expected, next }: LifeChange): Standing {
    if (isSameRecord(record, expected)) {
      if (next.state === 'down') sleeps += 1
      record = next
      version += 1
      changed()
      follow()
    }
    return { record, version }
  }

  const after = <T>(gateway: number, to: number, run: () => T): Promise<T> =>
    new Promise((resolve, reject) =>
      reach(gateway, [1, to], () => {
        try {
          resolve(run())
        } catch (error) {
          reject(error)
        }
      }),
    )

  return {
    waker: (gateway) => ({
      see: () => shown[gateway],
      look: async () => {
        const seen = await after(gateway, 5, () => sightNow(true))
        return await after(gateway, 10, () => seen)
      },
      async write(_, change) {
        const isLost = isFragile && chance.is(0.02)
        const standing = await after(gateway, 8, () =>
          isLost && chance.is(0.5) ? undefined : apply(change),
        )
        return await after(gateway, 8, () => {
          if (isLost || standing === undefined) throw new Error('the store does not answer')
          return standing
        })
      },
      isReady: (_, backend) =>
        after(gateway, 5, () => processes.get(backend.process ?? '')?.state === 'ready'),
      doubt() {},
      members: () =>
        Array.from({ length: gateways }, (_, index) => index)
          .filter((index) => index === gateway || !isBlind(index))
          .map((index) => `g${index}`),
      awake: () => [],
      onChange: (run) => void listeners[gateway]?.push(() => run('acme-prod')),
    }),
    take(backend) {
      const target = processes.get(backend.process ?? '')
      if (target?.state === 'sealed') return 'sealed'
      if (target?.state !== 'ready') return 'unreachable'
      target.running += 1
      return 'taken'
    },
    finish(backend) {
      const target = processes.get(backend.process ?? '')
      if (target === undefined || target.state === 'gone') return false
      target.running -= 1
      return true
    },
    get sleeps() {
      return sleeps
    },
    get starts() {
      return starts
    },
    get cutOff() {
      return cutOff
    },
    fouls,
  }
}
