import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { fetchFrom } from '../gateway-under-test.suite.ts'

const python = '/usr/bin/python3'

/** Why no servers of Python's are asked; undefined where they are there. */
export const pythonMissing =
  spawnSync(python, ['-I', '-c', 'import gevent, werkzeug']).status === 0
    ? undefined
    : 'no servers of Python’s: apt-get install python3-gevent python3-werkzeug'

export const workerKinds = ['closing', 'keeping', 'evented'] as const
export type WorkerKind = (typeof workerKinds)[number]

/** A request that was read, in latin-1, and the number by which its answer tells of it. */
export interface ReadRequest {
  readonly number: number
  readonly method: string
  readonly target: string
  readonly body: string
}

/** As one of Python's servers has read it. */
export interface ForeignRequest extends ReadRequest {
  readonly type: 'request'
  /** As they came. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** As its application is told, to which a name with underscores is the same. */
  readonly host: string | null
  readonly identity: string | null
}

/** What it has read and is no whole request. */
export type ForeignTrouble =
  /** It has not the form of one. */
  | { readonly type: 'refused'; readonly why: string; readonly line: string }
  /** Its body comes to no end; `rest` came behind what could be read of it. */
  | { readonly type: 'broken'; readonly why: string; readonly rest: string }
  /** It came behind the only request of its connection. */
  | { readonly type: 'unread'; readonly rest: string }

export interface ForeignReading {
  readonly requests: readonly ForeignRequest[]
  readonly troubles: readonly ForeignTrouble[]
}

export interface ForeignWorker {
  readonly port: number
  /** Ends it once each of its connections has ended, and tells all that it has read. */
  end(): Promise<ForeignReading>
  kill(): void
}

/** A server such as Odoo's, in a process of its own. */
export async function startForeignWorker(kind: WorkerKind): Promise<ForeignWorker> {
  const program = join(import.meta.dirname, 'foreign_worker.py')
  const child = spawn(python, ['-I', '-B', program, kind], { stdio: ['pipe', 'pipe', 'inherit'] })
  const requests: ForeignRequest[] = []
  const troubles: ForeignTrouble[] = []
  const listening = Promise.withResolvers<number>()
  const lines = createInterface(child.stdout)
  let open = 0
  lines.on('line', (line) => {
    const fact: Fact = JSON.parse(line)
    if (fact.type === 'listening') listening.resolve(fact.port)
    else if (fact.type === 'opened') open += 1
    else if (fact.type === 'closed') open -= 1
    else if (fact.type === 'request') requests.push(fact)
    else troubles.push(fact)
  })
  lines.on('close', () => listening.reject(new Error(`there is no ${kind} worker`)))
  const port = await listening.promise
  return {
    port,
    async end() {
      // They are accepted in their order: once this one is, so are all.
      const { headers } = await fetchFrom(port, '/end', { headers: { connection: 'close' } })
      await lineAfterWhich(lines, () => open === 0)
      child.stdin.end()
      await once(child, 'exit')
      const own = Number(headers['x-read-as'])
      return { troubles, requests: requests.filter(({ number }) => number !== own) }
    },
    kill: () => void child.kill('SIGKILL'),
  }
}

type Fact =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'opened' }
  | { readonly type: 'closed' }
  | ForeignRequest
  | ForeignTrouble

function lineAfterWhich(lines: Interface, isSo: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!isSo()) return
      lines.off('line', look)
      resolve()
    }
    lines.on('line', look)
    look()
  })
}
