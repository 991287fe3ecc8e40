import { randomUUID } from 'node:crypto'
import { createClientKinds } from '@pulse/api'
import { createMemoryObjects } from '@pulse/engine'
import { onTestFinished } from 'vitest'
import { readConfig } from '../config.ts'
import type { Cluster, CommandContext } from './context.ts'
import { createProgram } from './program.ts'

const { kinds, findKind } = createClientKinds()
const noLog: Cluster['logs'] = async function* () {}

/** The command line on resources in memory; they end with the test. What is given replaces parts of its context. */
export function createTestCommand(own: Partial<CommandContext> = {}) {
  const store = createMemoryObjects({ kinds: findKind, now: () => new Date(), newUid: randomUUID })
  onTestFinished(() => store.close())
  const interrupted = new AbortController()
  const written = { out: '', err: '' }
  const terminalFor = (name: 'out' | 'err') => ({
    interactive: false,
    write(text: string) {
      written[name] += text
    },
  })
  const cluster: Cluster = { ...store, logs: noLog, close: async () => {} }
  const context: CommandContext = {
    out: terminalFor('out'),
    err: terminalFor('err'),
    hint: (words) => `pulse ${words}`,
    kinds: async () => kinds,
    signal: interrupted.signal,
    config: async ({ state }) => readConfig({ stateDir: state }),
    connect: async () => cluster,
    figures: async () => undefined,
    machine: async () => undefined,
    top: async () => undefined,
    ...own,
  }
  return {
    store,
    cluster,
    written,
    interrupt: () => interrupted.abort(),
    /** Runs `pulse WORDS`. */
    async pulse(...words: readonly string[]) {
      const program = await createProgram(context, words)
      await program.parseAsync([...words], { from: 'user' })
    },
  }
}
