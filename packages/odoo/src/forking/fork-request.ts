import { Buffer } from 'node:buffer'

/** What a parent needs to start a container as a fork of itself; the same as the engine's, told here in our words. */
export interface ForkRequest {
  readonly token: string
  /** File without which the fork does not go on once it has written `birth`. */
  readonly gate: string
  readonly birth: string
  readonly log: string
  readonly cgroups: readonly string[]
  readonly mounts: string | undefined
  readonly user: number | undefined
  readonly workingDir: string
  readonly variables: ReadonlyMap<string, string>
  readonly command: readonly string[]
}

export interface ForkedProcess {
  readonly identity: { readonly pid: number; readonly startTicks: number }
  /** As a shell counts; undefined when the parent has died before. */
  readonly exited: Promise<number | undefined>
}

/** As the parent's side has it. */
const mostBytes = 2 ** 20

/** Two frames: how the fork is confined, and, read only then, what it runs, with all that is secret. */
export function framesOf(request: ForkRequest): Buffer {
  const { token, gate, birth, log, cgroups, mounts, user, workingDir, command } = request
  const setup = { token, gate, birth, log, cgroups, mounts: mounts ?? null, user: user ?? null }
  const variables = Object.fromEntries(request.variables)
  return Buffer.concat([frame(setup), frame({ token, variables, workingDir, command })])
}

function frame(value: object): Buffer {
  const content = Buffer.from(JSON.stringify(value))
  if (content.length > mostBytes) {
    throw new Error(`a request of ${content.length} bytes is more than a fork may be given`)
  }
  const length = Buffer.alloc(4)
  length.writeUInt32BE(content.length)
  return Buffer.concat([length, content])
}
