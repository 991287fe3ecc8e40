import {
  type Move,
  type Process,
  type ProcessRules,
  type Request,
  type World,
  withProcess,
} from './world.suite.ts'

/** The engine makes the processes follow the record; it seals one before it ends it. */
export function processMoves(world: World, rules: ProcessRules): readonly Move[] {
  return [...births(world), ...world.processes.flatMap((_, index) => ends(world, index, rules))]
}

/** As a ReplicaSet does it: what is on its way out does not count. */
function births(world: World): readonly Move[] {
  const isCounted = ({ state }: Process) => state === 'starting' || state === 'ready'
  if (world.record.state === 'down' || world.processes.some(isCounted)) return []
  const born: Process = { generation: world.record.generation, state: 'starting' }
  return [{ name: 'start a process', world: { ...world, processes: [...world.processes, born] } }]
}

function ends(world: World, index: number, rules: ProcessRules): readonly Move[] {
  const process = world.processes[index]
  if (process === undefined || process.state === 'gone') return []
  const become = (state: Process['state']) => withProcess(world, index, { ...process, state })
  const moves: Move[] = []
  if (process.state === 'starting') {
    moves.push({ name: `process ${index} is ready`, world: become('ready') })
  }
  const isToEnd = process.state !== 'sealed' && world.record.state === 'down'
  if (isToEnd && !rules.isSealedBeforeExit) {
    moves.push(exit(world, index))
  } else if (isToEnd) {
    moves.push({ name: `seal process ${index}`, world: become('sealed') })
  }
  const isRunningHere = isRunningAt(index)
  if (process.state === 'sealed') {
    const isBusy = world.requests.some(isRunningHere)
    if (isBusy && rules.finishesBeforeExit) return moves
    moves.push(exit(world, index))
  } else if (world.budget.crashes > 0) {
    const { requests, ...rest } = become('gone')
    // Its gateway answers 502 for what was running: an answer, if no good one.
    const broken = requests.map((request) =>
      isRunningHere(request) && request.state === 'taken'
        ? { ...request, state: 'replied' as const }
        : request,
    )
    const budget = { ...world.budget, crashes: world.budget.crashes - 1 }
    moves.push({ name: `crash process ${index}`, world: { ...rest, requests: broken, budget } })
  }
  return moves
}

function isRunningAt(index: number): (request: Request) => boolean {
  return (request) => request.state === 'taken' && request.process === index
}

/** What still runs there is cut off. */
function exit(world: World, index: number): Move {
  const isRunningHere = isRunningAt(index)
  const processes = world.processes.map((one, at) =>
    at === index ? { ...one, state: 'gone' as const } : one,
  )
  const requests = world.requests.map(
    (one): Request => (isRunningHere(one) ? { state: 'lost' } : one),
  )
  return { name: `process ${index} exits`, world: { ...world, processes, requests } }
}
