import { type ChildProcess, spawn } from 'node:child_process'
import type { LifeRecord, Sight, Waker } from '@pulse/gateway'
import { freePort } from '@pulse/testing'

/** One environment whose only worker is a process of ours: started when its record says up, ended when it says down. */
export interface ProcessWaker extends Waker {
  /** As an operator asks for it; resolves when the process is gone. */
  sleep(): Promise<void>
  end(): void
}

export interface ProcessWakerOptions {
  readonly environment: string
  /** Serves at the port that PORT names. */
  readonly program: string
  readonly signal: AbortSignal
}

const asleep: Sight = {
  record: { generation: 1, state: 'down', words: [], since: 0 },
  version: 1,
  ready: [],
  starting: [],
  leaving: 0,
  isGone: true,
  service: 'active',
  idleMs: 900_000,
  wakeTimeoutMs: 60_000,
  concurrency: 20,
  priority: 0,
}

export function createProcessWaker(options: ProcessWakerOptions): ProcessWaker {
  const { environment, program, signal } = options
  let sight = asleep
  let worker: ChildProcess | undefined
  const listeners: ((environment: string) => void)[] = []
  const gone = new Set<() => void>()

  function change(next: Partial<Sight>) {
    sight = { ...sight, version: sight.version + 1, ...next }
    for (const listener of listeners) listener(environment)
  }

  function follow(before: LifeRecord, { state, generation }: LifeRecord, port: number) {
    if (before.state === 'down' && state === 'up') start(`${environment}.${generation}`, port)
    if (before.state !== 'down' && state === 'down') stop()
  }

  function start(name: string, port: number) {
    worker = spawn(program, { stdio: 'ignore', env: { ...process.env, PORT: String(port) } })
    worker.once('exit', () => {
      change({ ready: [], starting: [], leaving: 0, isGone: true })
      for (const tell of gone) tell()
      gone.clear()
    })
    const backend = { address: '127.0.0.1', httpPort: port, websocketPort: port, process: name }
    change({ starting: [backend], isGone: false })
  }

  /** nginx finishes what it has begun, as a sealed Odoo does. */
  function stop() {
    change({ ready: [], starting: [], leaving: 1 })
    worker?.kill('SIGQUIT')
  }

  return {
    see: () => sight,
    look: async () => sight,
    async write(_, { expected, next }) {
      if (JSON.stringify(expected) !== JSON.stringify(sight.record)) return sight
      const port = await freePort()
      change({ record: next })
      follow(expected, next, port)
      return sight
    },
    async isReady(_, { address, httpPort }) {
      const answer = await fetch(`http://${address}:${httpPort}/`, { signal })
      await answer.arrayBuffer()
      return answer.ok
    },
    doubt() {},
    members: () => ['gateway'],
    awake: () => [],
    onChange: (run) => void listeners.push(run),
    sleep() {
      const { promise, resolve } = Promise.withResolvers<void>()
      if (sight.isGone) return Promise.resolve()
      gone.add(resolve)
      change({ ask: { sleepAt: Date.now() } })
      return promise
    },
    end: () => void worker?.kill('SIGKILL'),
  }
}
