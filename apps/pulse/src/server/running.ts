import { readFile, rm } from 'node:fs/promises'
import Type from 'typebox'
import { parseJson } from '../installation/json-text.ts'
import { statePaths, writeFileAtomically } from '../installation/state-directory.ts'
import { refuseUnreadable } from '../installation/unreadable.ts'

/** The text of running.json; fields are only ever added, each optional. */
export const runningSchema = Type.Object({
  pid: Type.Integer(),
  version: Type.String(),
  startedAt: Type.String(),
  /** Where tenants are served: `http://localhost:8080`. */
  gateway: Type.String(),
  /** The same with TLS, where the gateway speaks it: `https://localhost:8443`. */
  gatewayTls: Type.Optional(Type.String()),
  /** The Kubernetes API: `https://127.0.0.1:6443`. */
  api: Type.String(),
  /** Prometheus metrics and figures: `http://127.0.0.1:9090`. */
  metrics: Type.Optional(Type.String()),
  postgres: Type.Object({ source: Type.String(), major: Type.Integer() }),
})

/** What a running server says of itself to the commands of the same state directory. */
export type Running = Type.Static<typeof runningSchema>

export async function writeRunning(stateDir: string, running: Running) {
  await writeFileAtomically(statePaths(stateDir).running, JSON.stringify(running))
}

export async function forgetRunning(stateDir: string) {
  await rm(statePaths(stateDir).running, { force: true })
}

/**
 * The running server; undefined when there is none, or only the note of one that was killed. Refuses a user who may not
 * know.
 */
export async function readRunning(stateDir: string): Promise<Running | undefined> {
  const text = await readFile(statePaths(stateDir).running, 'utf8').catch((error: unknown) =>
    refuseUnreadable(stateDir, error),
  )
  const running = text === undefined ? undefined : parseJson(runningSchema, text)
  return running && isAlive(running.pid) ? running : undefined
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
