import { createServer } from 'node:net'

/** What a port is for, in the words of people, and where another one can be asked for. */
export interface PortUse {
  readonly use: string
  readonly setting: string
  /** Where the address can be chosen. */
  readonly hostSetting?: string
}

/** Somebody else has the port. */
export class PortTakenError extends Error {
  constructor({ use, setting }: PortUse, port: number) {
    super(`the ${use} port ${port} is taken: free it, or ask for another one with ${setting}`)
    this.name = 'PortTakenError'
  }
}

/** No port of the address can be listened on: it is another machine's, or nobody's. */
export class NoAddressError extends Error {
  constructor({ use, hostSetting }: PortUse, host: string) {
    const where = hostSetting === undefined ? `the ${use} cannot listen` : hostSetting
    super(`${where}: ${host} is no address of this machine`)
    this.name = 'NoAddressError'
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

/** The port to listen on; throws when it is taken, or when this machine has no such address. Between this look and the listening another process may be faster: then that fails (`listenOn`). */
export async function choosePort(wish: PortWish): Promise<ChosenPort> {
  const { asked, usual, others = [] } = wish
  if (asked !== undefined) {
    if (await isFree(wish, asked)) return { port: asked }
    throw new PortTakenError(wish, asked)
  }
  const last = usual.at(-1) ?? 0
  const more = Array.from({ length: tries }, (_, index) => last + 1 + index)
  const wanted = [...usual, ...more]
  for (const port of wanted) {
    if (others.includes(port) || !(await isFree(wish, port))) continue
    const [first] = wanted
    return port === first || first === undefined ? { port } : { port, taken: first }
  }
  throw new PortTakenError(wish, last)
}

async function isFree(wish: PortWish, port: number): Promise<boolean> {
  for (const host of wish.hosts) {
    const obstacle = await obstacleTo(host, port)
    if (obstacle === noAddress) throw new NoAddressError(wish, host)
    if (obstacle !== undefined) return false
  }
  return true
}

/** Whether this machine lets us listen there; 0 means any port. */
export async function canListen(host: string, port: number): Promise<boolean> {
  return (await obstacleTo(host, port)) === undefined
}

/** What the kernel calls an address that is not on this machine. */
export const noAddress = 'EADDRNOTAVAIL'

/** The code of what stands in the way of listening there. */
function obstacleTo(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error) => resolve('code' in error ? String(error.code) : error.message))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}
