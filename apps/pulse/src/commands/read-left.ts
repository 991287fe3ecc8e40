import { readFile } from 'node:fs/promises'
import { parseJson } from '../installation/json-text.ts'
import { statePaths } from '../installation/state-directory.ts'
import { runningSchema } from '../server/running.ts'

/** What of an installation runs, or was said last, while Pulse itself does not run. */
export interface Left {
  readonly isPostgresRunning: boolean
  /** Of tenants: they go on without Pulse, and nobody reaches them. */
  readonly pods: readonly { readonly namespace: string; readonly name: string }[]
  /** A server that did not end by itself has left its note. */
  readonly killed: { readonly pid: number; readonly startedAt: string } | undefined
}

/** Changes nothing. */
export async function readLeft(stateDir: string): Promise<Left> {
  const { isPostgresRunning } = await import('@pulse/odoo')
  const { podsRunning } = await import('@pulse/engine')
  const note = await readFile(statePaths(stateDir).running, 'utf8').catch(() => undefined)
  const killed = note === undefined ? undefined : parseJson(runningSchema, note)
  return {
    isPostgresRunning: await isPostgresRunning(stateDir),
    pods: podsRunning(stateDir).map(({ namespace, name }) => ({ namespace, name })),
    killed: killed && { pid: killed.pid, startedAt: killed.startedAt },
  }
}
