import { createServer } from 'node:net'

/** What a port is for, in the words of people, and where another one can be asked for. */
export interface PortUse {
  readonly use: string
  readonly setting: string
}

/** Somebody else has the port. */
export class PortTakenError extends Error {
  constructor({ use, setting }: PortUse, port: number) {
    super(`the ${use} port ${port} is taken: free it, or ask for another one with ${setting}`)
    this.name = 'PortTakenError'
  }
}

export interface PortWish extends PortUse {
  readonly hosts: readonly string[]
  /** Asked for by name: this one or an error. */
  readonly asked?: number | undefined
  /** Else these are tried in turn, the one used last time first. */
  readonly usual: readonly number[]
  /** What our other listeners have: nobody listens there yet, and they are no choice. */
  readonly others?: readonly number[]
}

export interface ChosenPort {
  readonly port: number
  /** The first choice, when somebody else has it; undefined when it was ours to take. */
  readonly taken?: number
}

const tries = 200

/** The port to listen on. Between this look and the listening another process may be faster: then that fails (`listenOn`). */
export async function choosePort(wish: PortWish): Promise<ChosenPort> {
  const { hosts, asked, usual, others = [] } = wish
  if (asked !== undefined) {
    if (await isFree(hosts, asked)) return { port: asked }
    throw new PortTakenError(wish, asked)
  }
  const last = usual.at(-1) ?? 0
  const more = Array.from({ length: tries }, (_, index) => last + 1 + index)
  const wanted = [...usual, ...more]
  for (const port of wanted) {
    if (others.includes(port) || !(await isFree(hosts, port))) continue
    const [first] = wanted
    return port === first || first === undefined ? { port } : { port, taken: first }
  }
  throw new PortTakenError(wish, last)
}

async function isFree(hosts: readonly string[], port: number): Promise<boolean> {
  for (const host of hosts) if (!(await canListen(host, port))) return false
  return true
}

/** Whether this machine lets us listen there; 0 means any port. */
export function canListen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}
