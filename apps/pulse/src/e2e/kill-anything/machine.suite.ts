import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ObjectsClient } from '@pulse/engine'
import { type PulseUnderTest, startPulse } from '../pulse-under-test.suite.ts'
import { main, makeEnvironment } from '../run-pulse.suite.ts'
import { leftovers } from './facts.suite.ts'
import { type PointFiles, pointFiles, pointsEnvironment } from './points.suite.ts'

const harness = new URL('./passing.suite.ts', import.meta.url).href

/** One installation that is killed again and again, and started again over the same state. */
export interface Machine {
  readonly stateDir: string
  readonly points: PointFiles
  readonly objects: () => ObjectsClient
  readonly pulse: () => PulseUnderTest
  readonly isUp: () => boolean
  /** What was seen on the way and must never be. */
  readonly faults: string[]
  /** What all its lives have said. */
  readonly log: () => string
  /** Starts Pulse, again if it is killed on the way; resolves when it runs. */
  start(): Promise<void>
  /** `pulse down`, again if it is killed on the way; resolves with what is left then: nothing may be. */
  down(): Promise<readonly string[]>
  cleanUp(): Promise<void>
}

/** What is killed is tried again: each order kills once. */
const tries = 5
/** Exit code of `pulse down`. */
const notRunning = 4

export async function openMachine(): Promise<Machine> {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-points-'))
  await chmod(folder, 0o700)
  const points = pointFiles(folder)
  const imports = [harness]
  const env = {
    [pointsEnvironment]: folder,
    PLANA_LOG_LEVEL: 'warn',
    NODE_COMPILE_CACHE: join(folder, 'compiled'),
  }
  let pulse = await startPulse({ imports, env })
  let objects = await pulse.objects()
  const { stateDir } = pulse
  let isUp = true
  const lives: PulseUnderTest[] = []
  const watch = (started: PulseUnderTest) => {
    lives.push(started)
    isUp = true
    void started.exited.then(() => {
      if (pulse === started) isUp = false
    })
  }
  watch(pulse)

  async function start() {
    for (let attempt = 1; ; attempt += 1) {
      const next = await startPulse({ stateDir, imports, env, wait: false })
      const isRunning = async () => (await next.running())?.pid === next.pid
      if (await untilOr(next.exited, isRunning)) {
        pulse = next
        objects = await next.objects()
        watch(next)
        return
      }
      if (attempt === tries) {
        throw new Error(`Pulse does not start:\n${next.stdout()}\n${next.stderr()}`)
      }
    }
  }

  async function down() {
    for (let attempt = 1; ; attempt += 1) {
      const environment = { ...makeEnvironment(stateDir), ...env }
      const args = [`--import=${harness}`, main, 'down']
      const child = spawn(process.execPath, args, { env: environment, stdio: 'ignore' })
      const [code] = await once(child, 'exit')
      // Killed in the middle of its own end, Pulse has nothing more to end.
      if (code === 0 || code === notRunning) return leftovers(stateDir)
      if (attempt === tries) throw new Error(`Pulse does not end: ${code}`)
    }
  }

  return {
    stateDir,
    points,
    objects: () => objects,
    pulse: () => pulse,
    isUp: () => isUp,
    faults: [],
    log: () => lives.map((life) => `--- ${life.pid}\n${life.stderr()}`).join('\n'),
    start,
    down,
    async cleanUp() {
      await pulse.cleanUp()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Whether it holds before the other has happened. */
async function untilOr(end: Promise<unknown>, holds: () => Promise<boolean>): Promise<boolean> {
  let hasEnded = false
  void end.then(() => {
    hasEnded = true
  })
  const deadline = Date.now() + 60_000
  while (!hasEnded && Date.now() < deadline) {
    if (await holds()) return true
    await delay(10)
  }
  return false
}
