/** How the scheduler spreads its work. What is due must run within 60 s: the delays below are parts of that minute. */
export interface ScheduleLimits {
  /** Actions due within this time of each other share one wake: the environment stays awake for the next. */
  readonly batchMs: number
  /** Environments due at the same moment are read spread over this time, each always at its own place in it. */
  readonly jitterMs: number
  /** A database is read at most this often for notifications, which anybody may send. */
  readonly hintGapMs: number
  /** An awake environment's own schedule may be changed unnoticed: it is looked at this often. */
  readonly awakeLookMs: number
  readonly readsAtOnce: number
  /** Reads started in a second, in all; half of them are left to what is due when everything is read at a start. */
  readonly readsPerSecond: number
  /** Reads that notifications may ask for in a second, in all: they never take the place of what is due. */
  readonly hintsPerSecond: number
  /** Environments being started for their schedules at the same time. */
  readonly wakesAtOnce: number
  /** Environments running their actions at the same time; more than are started, since one may take minutes. */
  readonly runsAtOnce: number
  readonly readTimeoutMs: number
  readonly wakeTimeoutMs: number
  readonly runTimeoutMs: number
  /** First pause after a failure, doubled each time. */
  readonly retryMs: number
  readonly retryMostMs: number
  /** What is still due after so long in one visit waits for the next: an action that never ends keeps nobody awake. */
  readonly visitMostMs: number
  /** Nothing is planned further ahead: the least often that a database is read. */
  readonly lookMostMs: number
}

const second = 1_000
const minute = 60 * second

export const defaultScheduleLimits: ScheduleLimits = {
  batchMs: minute,
  jitterMs: 5 * second,
  hintGapMs: 10 * second,
  awakeLookMs: minute,
  readsAtOnce: 4,
  readsPerSecond: 50,
  hintsPerSecond: 10,
  wakesAtOnce: 8,
  runsAtOnce: 32,
  readTimeoutMs: 15 * second,
  wakeTimeoutMs: 5 * minute,
  runTimeoutMs: 15 * minute,
  retryMs: 5 * second,
  retryMostMs: 5 * minute,
  visitMostMs: 30 * minute,
  lookMostMs: 24 * 60 * minute,
}
