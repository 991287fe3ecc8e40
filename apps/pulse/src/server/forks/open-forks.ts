import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Condition, Log, OdooMajor } from '@pulse/api'
import type { ForkServer } from '@pulse/engine'
import { type KeptParent, type KeptParentOptions, keepParent, type Runtime } from '@pulse/odoo'
import type { PulseConfig } from '../../config.ts'
import { inTurn } from '../in-turn.ts'
import { createForkServer, forkedCondition } from './fork-server.ts'

export interface ForksOptions {
  readonly config: Pick<PulseConfig, 'forkedWorkers' | 'forkLanguages'>
  /** Holds a folder per major with its parent's socket; only we may enter it. */
  readonly folder: string
  /** Search path of workers. */
  readonly path: string
  readonly runtimes: () => readonly Runtime[]
  /** Names of what the templates of a major have installed. */
  readonly modules: (major: OdooMajor) => Promise<readonly string[]>
  readonly clock: KeptParentOptions['clock']
  readonly log: Log
  /** Called back when a condition has changed. */
  readonly onChange: () => void
}

/** The parents of all registered runtimes. */
export interface Forks {
  /** Undefined: nothing of this major is forked. */
  find(major: OdooMajor): ForkServer | undefined
  /** One `Forked-{major}` per parent. */
  conditions(): readonly Condition[]
  /** Looks again at runtimes and templates: a parent of what has changed gives way to a new one. */
  refresh(): Promise<void>
  close(): Promise<void>
}

interface Entry {
  /** All that a parent is made of. */
  readonly key: string
  readonly parent: KeptParent
  readonly server: ForkServer
}

const program = fileURLToPath(new URL('../../../../../odoo/forking', import.meta.url))
/** Every server has them. */
const always = ['base', 'web']

/** Starts a parent for each runtime; a call of `refresh` begins it. */
export function openForks(options: ForksOptions): Forks {
  const { config, runtimes, clock, log } = options
  const entries = new Map<OdooMajor, Entry>()
  let isClosed = false

  async function look() {
    const wanted = isClosed || config.forkedWorkers === 'off' ? [] : runtimes()
    for (const [major, { parent }] of entries) {
      if (wanted.some((runtime) => runtime.major === major)) continue
      entries.delete(major)
      await parent.close()
    }
    for (const runtime of wanted) await renew(runtime, await parentOptions(runtime))
  }

  async function renew(runtime: Runtime, parentOf: KeptParentOptions) {
    const { log: _, clock: _clock, ...rest } = parentOf
    const key = JSON.stringify([runtime, rest])
    const before = entries.get(runtime.major)
    if (before?.key === key) return
    entries.delete(runtime.major)
    await before?.parent.close()
    const parent = keepParent(parentOf, options.onChange)
    entries.set(runtime.major, {
      key,
      parent,
      server: createForkServer(runtime, parentOf.socket, parent),
    })
  }

  async function parentOptions(runtime: Runtime): Promise<KeptParentOptions> {
    const { major, standIn, bytecode, command, addonsPath } = runtime
    const [python, script] = command
    const isOdoo = !standIn && command.length === 2 && script !== undefined
    return {
      major,
      program,
      python: isOdoo ? python : 'python3',
      odoo: isOdoo ? [python, script] : undefined,
      bytecode,
      path: options.path,
      socket: join(options.folder, major, 'socket'),
      modules: isOdoo ? [...new Set([...always, ...(await options.modules(major))])].sort() : [],
      addonsPath: addonsPath?.split(',') ?? [join(runtime.path ?? '/', 'addons')],
      languages: config.forkLanguages,
      clock,
      log,
    }
  }

  const refresh = inTurn(look)
  return {
    find: (major) => entries.get(major)?.server,
    conditions: () =>
      [...entries].map(([major, { parent }]) => forkedCondition(major, parent.state())),
    refresh,
    close() {
      isClosed = true
      return refresh()
    },
  }
}
