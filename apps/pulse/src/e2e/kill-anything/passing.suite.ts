/**
 * Loaded into each process of a Pulse under test before anything else (`--import`): finds by itself every moment at which
 * something leaves the process (a statement for PostgreSQL, a change of the disk, a program started, a signal, a
 * connection) or a journal names a step, and kills there whom it is told to.
 *
 * What happens between two of these can be seen by nobody, so that a crash there is the same as a crash at their edges.
 */
import childProcess, { ChildProcess } from 'node:child_process'
import { subscribe } from 'node:diagnostics_channel'
import fs from 'node:fs'
import { flushCompileCache, syncBuiltinESMExports } from 'node:module'
import { Socket } from 'node:net'
import pg from 'pg'
import { callSite } from './call-site.suite.ts'
import { isRead, nameCommand, namePath, nameStatement } from './effect-names.suite.ts'
import { type Phase, type Point, pointFiles, pointsEnvironment } from './points.suite.ts'
import { findVictims, hasEnded } from './victims.suite.ts'

const changes = [
  ...['rename', 'mkdir', 'writeFile', 'unlink', 'rm', 'rmdir', 'symlink', 'link', 'appendFile'],
  ...['chmod', 'chown', 'lchown', 'copyFile', 'cp', 'truncate', 'utimes', 'mkdtemp'],
]

const kill = process.kill.bind(process)
const stateDir = process.env.PLANA_STATE_DIR ?? ''
const role = ['task-runner', 'down', 'up'].find((word) => process.argv.includes(word))
const who = role === 'up' ? 'server' : (role ?? 'command')
const folder = process.env[pointsEnvironment]
if (folder !== undefined) watch(pointFiles(folder))

// Whoever is killed has kept nothing of what it has compiled; the next start is quicker with it.
setTimeout(flushCompileCache, 3_000).unref()

function watch(files: ReturnType<typeof pointFiles>) {
  let counted = { id: '', times: 0 }

  function pass(point: Point) {
    if (files.isRecording()) files.note(point)
    const order = files.order()
    if (order?.label !== point.label || order.phase !== point.phase) return
    counted = { id: order.id, times: order.id === counted.id ? counted.times + 1 : 1 }
    if (counted.times < order.occurrence) return
    files.takeBack()
    const pids = findVictims(order.victim, { stateDir, pick: order.pick })
    files.tellKilled(pids)
    for (const pid of pids) strike(pid)
  }

  /** What is done there, with its points around it. A name is only made when somebody asks for it. */
  function around(name: () => string, work: () => unknown): unknown {
    if (!files.isRecording() && files.order() === undefined) return work()
    const named = name()
    const label = `${who} ${named}${named.startsWith('read ') ? '' : ` @${callSite()}`}`
    const at = (phase: Phase) => pass({ label, phase })
    at('before')
    const result = work()
    if (!(result instanceof Promise)) {
      at('after')
      return result
    }
    at('during')
    return result.then((value) => {
      at('after')
      return value
    })
  }

  watchStatements(around)
  watchFiles(around)
  watchProcesses(around)
  watchConnections(around)
  syncBuiltinESMExports()
  subscribe('pulse.step', (message) => {
    const { task, step, phase } = Object(message)
    if (phase !== 'begin' && phase !== 'end') return
    pass({ label: `${who} step ${task}/${step}`, phase: phase === 'begin' ? 'before' : 'after' })
  })
}

/** Waits until it is gone, so that what comes next finds it gone. */
function strike(pid: number) {
  try {
    kill(pid, 'SIGKILL')
  } catch {
    return
  }
  const sleeper = new Int32Array(new SharedArrayBuffer(4))
  for (let round = 0; round < 500 && !hasEnded(pid); round += 1) Atomics.wait(sleeper, 0, 0, 2)
}

type Around = (name: () => string, work: () => unknown) => unknown
type Call = (self: unknown, args: readonly unknown[]) => unknown

/** Puts a call in the place of another. */
function replace(owner: object, name: string, make: (original: Call) => Call) {
  const original: unknown = Reflect.get(owner, name)
  if (typeof original !== 'function') return
  const call = make((self, args) => Reflect.apply(original, self, args))
  Reflect.set(owner, name, function (this: unknown, ...args: unknown[]) {
    return call(this, args)
  })
}

function watchStatements(around: Around) {
  replace(pg.Client.prototype, 'query', (query) => (self, args) => {
    const text = typeof args[0] === 'string' ? args[0] : Object(args[0]).text
    if (typeof text !== 'string') return query(self, args)
    const name = () => `${isRead(text) ? 'read' : 'sql'} ${nameStatement(text)}`
    const last = args.at(-1)
    if (typeof last !== 'function') return around(name, () => query(self, args))
    // Pools ask by call-back.
    const answered = around(name, async () => {
      const { promise, resolve } = Promise.withResolvers<unknown[]>()
      query(self, [...args.slice(0, -1), (...answer: unknown[]) => resolve(answer)])
      return promise
    })
    void Promise.resolve(answered).then((answer) => Reflect.apply(last, undefined, [answer].flat()))
    return undefined
  })
}

function watchFiles(around: Around) {
  // One call of Node is often made of others.
  let depth = 0
  const watched =
    (name: string) => (original: Call) => (self: unknown, args: readonly unknown[]) => {
      if (depth > 0 || String(args[0]).startsWith(`${folder}/`)) return original(self, args)
      depth += 1
      try {
        const paths = () => args.slice(0, pathsOf(name)).map((one) => namePath(one, stateDir))
        return around(
          () => `fs ${name} ${paths().join(' ')}`,
          () => original(self, args),
        )
      } finally {
        depth -= 1
      }
    }
  for (const name of changes) {
    replace(fs, `${name}Sync`, watched(name))
    replace(fs.promises, name, watched(name))
  }
}

function pathsOf(name: string): number {
  return ['rename', 'symlink', 'link', 'copyFile', 'cp'].includes(name) ? 2 : 1
}

function watchProcesses(around: Around) {
  replace(ChildProcess.prototype, 'spawn', (spawn) => (self, args) => {
    const { file = '', args: words = [] } = Object(args[0])
    return around(
      () => `spawn ${nameCommand(String(file), words.slice(1).map(String), stateDir)}`,
      () => spawn(self, args),
    )
  })
  for (const name of ['spawnSync', 'execFileSync', 'execSync']) {
    replace(childProcess, name, (original) => (self, args) => {
      const words = Array.isArray(args[1]) ? args[1].map(String) : []
      return around(
        () => `spawn ${nameCommand(String(args[0]), words, stateDir)}`,
        () => original(self, args),
      )
    })
  }
  for (const owner of [process, ChildProcess.prototype]) {
    replace(owner, 'kill', (original) => (self, args) => {
      const signal = args.at(-1)
      // A question whether it lives.
      if (signal === 0) return original(self, args)
      return around(
        () => `signal ${typeof signal === 'string' ? signal : 'SIGTERM'}`,
        () => original(self, args),
      )
    })
  }
}

function watchConnections(around: Around) {
  replace(
    Socket.prototype,
    'connect',
    (connect) => (self, args) =>
      around(
        () => `connect ${placeOf(args)}`,
        () => connect(self, args),
      ),
  )
}

/** Addresses and ports are made up in each run; a socket's file is named. */
function placeOf(args: readonly unknown[]): string {
  const { path } = Object([args[0]].flat()[0])
  return typeof path === 'string' ? namePath(path, stateDir) : 'tcp'
}
