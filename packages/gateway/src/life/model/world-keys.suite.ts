import type { GatewayState, Request, World } from './world.suite.ts'

/** Tells worlds apart by a number, the same for those that are alike. */
export interface WorldKeys {
  /** Two gateways that have changed places make no other world, nor do requests that have. */
  keyOf(world: World): number
  /** The same world out of parts that it shares with all others. */
  shared(world: World): World
}

/** How many there may be of each: beyond, a number would not be exact any more. */
const most = {
  gateways: 2 ** 16,
  rests: 2 ** 21,
  records: 2 ** 8,
  processes: 2 ** 12,
  budgets: 2 ** 8,
}

export function createWorldKeys(): WorldKeys {
  const gateways = createParts<GatewayState>(most.gateways)
  const records = createParts<World['record']>(most.records)
  const processes = createNumbering(most.processes)
  const budgets = createNumbering(most.budgets)
  /** All of a world but its gateways. */
  const rests = new Map<number, number>()
  const mirroredRests: number[] = []

  function restId(record: number, others: number, requests: readonly number[]): number {
    // Requests are alike, so their order tells nothing.
    const code = requests
      .toSorted((one, other) => one - other)
      .reduce((sum, request) => sum * requestsMax + request, 0)
    const packed = (code * most.records + record) * othersMax + others
    const known = rests.get(packed)
    if (known !== undefined) return known
    if (rests.size >= most.rests || !Number.isSafeInteger(packed)) throw tooMany()
    rests.set(packed, rests.size)
    return rests.size - 1
  }

  return {
    keyOf(world) {
      const [first, second] = world.gateways
      if (first === undefined || second === undefined) throw new Error('a model of two gateways')
      const record = records.idOf(world.record)
      const others =
        (processes(processesCode(world)) * most.budgets + budgets(budgetCode(world))) * 2 +
        (world.foul === undefined ? 0 : 1)
      const rest = restId(record, others, world.requests.map(codeOf))
      mirroredRests[rest] ??= restId(
        records.mirrorOf(record),
        others,
        world.requests.map(mirroredCodeOf),
      )
      const [a, b] = [gateways.idOf(first), gateways.idOf(second)]
      const mirrored = pack(mirroredRests[rest], gateways.mirrorOf(b), gateways.mirrorOf(a))
      return Math.min(pack(rest, a, b), mirrored)
    },
    shared: (world) => ({
      ...world,
      record: records.shared(world.record),
      gateways: world.gateways.map(gateways.shared),
    }),
  }
}

const othersMax = most.processes * most.budgets * 2

function pack(rest: number, first: number, second: number): number {
  return (rest * most.gateways + first) * most.gateways + second
}

const states = ['new', 'ended', 'lost', 'held', 'sent', 'taken', 'replied', 'refused'] as const
const requestProcesses = 8
const requestsMax = states.length * 2 * requestProcesses

function codeOf(request: Request): number {
  const gateway = 'gateway' in request ? request.gateway : 0
  const process = processCode(request)
  if (process >= requestProcesses) throw tooMany()
  return (states.indexOf(request.state) * 2 + gateway) * requestProcesses + process
}

function processCode(request: Request): number {
  if (!('process' in request) || request.process === undefined) return 0
  // Of one that is held there may be none.
  return request.state === 'held' ? request.process + 1 : request.process
}

function mirroredCodeOf(request: Request): number {
  return codeOf('gateway' in request ? { ...request, gateway: 1 - request.gateway } : request)
}

const processStates = ['starting', 'ready', 'sealed', 'gone'] as const
const generationsMax = 16

function processesCode({ processes }: World): number {
  return processes.reduce(
    (sum, { state, generation }) =>
      (sum * processStates.length + processStates.indexOf(state)) * generationsMax + generation,
    1,
  )
}

function budgetCode({ budget }: World): number {
  const { sweeps, orders, gatewayDeaths, freezes, crashes, departures } = budget
  const counts = [sweeps, orders, gatewayDeaths, freezes, crashes, departures]
  return counts.reduce((sum, count) => sum * 10 + count, 0)
}

/** Small numbers for the few large ones that there are. */
export function createNumbering(max: number): (code: number) => number {
  const ids = new Map<number, number>()
  return (code) => {
    const known = ids.get(code)
    if (known !== undefined) return known
    if (ids.size >= max || !Number.isSafeInteger(code)) throw tooMany()
    ids.set(code, ids.size)
    return ids.size - 1
  }
}

export interface Parts<Part> {
  idOf(part: Part): number
  /** Of the same part with the two gateways exchanged. */
  mirrorOf(id: number): number
  shared(part: Part): Part
}

/** Few different parts make all the worlds: each is written out once. */
export function createParts<Part extends object>(max: number): Parts<Part> {
  const ids = new WeakMap<Part, number>()
  const byText = new Map<string, number>()
  const texts: string[] = []
  const mirrors: number[] = []
  const firsts: Part[] = []

  function idOfText(text: string): number {
    const known = byText.get(text)
    if (known !== undefined) return known
    if (texts.length >= max) throw tooMany()
    byText.set(text, texts.length)
    return texts.push(text) - 1
  }

  /** A move changes few parts: most are asked for again and again. */
  let last: { readonly part: Part; readonly id: number } | undefined

  function idOf(part: Part): number {
    if (last?.part === part) return last.id
    const id = ids.get(part) ?? newId(part)
    last = { part, id }
    return id
  }

  function newId(part: Part): number {
    const id = idOfText(inOrder(JSON.stringify(part)))
    ids.set(part, id)
    firsts[id] ??= part
    return id
  }

  return {
    idOf,
    mirrorOf(id) {
      mirrors[id] ??= idOfText(inOrder(mirror(texts[id] ?? '')))
      return mirrors[id]
    },
    shared: (part) => firsts[idOf(part)] ?? part,
  }
}

/** Gateways have their names in words of records, and nowhere else. */
function mirror(text: string): string {
  return text.replaceAll(/"g([01])"/g, (_, at) => `"g${1 - Number(at)}"`)
}

/** The order of two words tells nothing. */
function inOrder(text: string): string {
  return text.replaceAll('"g1","g0"', '"g0","g1"')
}

function tooMany(): Error {
  return new Error('too many worlds for their keys')
}
