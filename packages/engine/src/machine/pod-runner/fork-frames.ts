import { Buffer } from 'node:buffer'

import type { ForkRequest } from './fork-server.ts'

/** As the parent's side has it. */
const mostBytes = 2 ** 20

/** Two frames: how the fork is confined, and, read only then, what it runs, with all that is secret. */
export function framesOf(request: ForkRequest): Buffer {
  const { token, gate, birth, log, cgroups, workingDir, command } = request
  const { mounts = null, user = null, mostProcesses = null } = request
  const setup = { token, gate, birth, log, cgroups, mounts, user, mostProcesses }
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
