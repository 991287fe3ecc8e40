import { randomUUID } from 'node:crypto'
import { createClientKinds } from '@pulse/api'
import { createMemoryObjects } from '@pulse/engine'
import { onTestFinished } from 'vitest'
import { readConfig } from '../config.ts'
import type { Cluster, CommandContext } from './context.ts'
import { createProgram } from './program.ts'

const { kinds, findKind } = createClientKinds()
const noLog: Cluster['logs'] = async function* () {}

/** The command line on resources in memory; they end with the test. */
export function createTestCommand() {
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
  const context: CommandContext = {
    out: terminalFor('out'),
    err: terminalFor('err'),
    hint: (words) => `pulse ${words}`,
    kinds: async () => kinds,
    signal: interrupted.signal,
    config: async ({ state }) => readConfig({ stateDir: state }),
    connect: async () => ({ ...store, logs: noLog, close: async () => {} }),
  }
  return {
    store,
    written,
    interrupt: () => interrupted.abort(),
    /** Runs `pulse WORDS`. */
    async pulse(...words: readonly string[]) {
      const program = await createProgram(context, words)
      await program.parseAsync([...words], { from: 'user' })
    },
  }
}
