import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { closeSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { makeStateDir } from './pod-runner.suite.ts'

/** A number of seconds that no other process sleeps. */
export function markOf(): string {
  return `6${randomUUID().replace(/\D/g, '').slice(0, 8)}.${process.pid}`
}

export function specWith(mark: string, image = 'sh') {
  return {
    containers: [
      {
        name: 'main',
        image,
        args: [`exec sleep ${mark}`],
        startupProbe: { exec: { command: ['true'] } },
      },
    ],
  }
}

/** Runs a Pod in a Pulse of its own until that is killed; a descriptor is left open in it on purpose. */
export async function killedPulse({
  octet,
  killAt,
  spec: given,
}: {
  octet: number
  killAt?: string | undefined
  spec?: object
}) {
  const stateDir = makeStateDir()
  const podUid = randomUUID()
  const mark = markOf()
  const spec = given ?? specWith(mark)
  const program = join(import.meta.dirname, 'testdata', 'runner-process.ts')
  const argument = JSON.stringify({ stateDir, octet, podUid, spec, killAt })
  const leak = openSync('/etc/hostname', 'r')
  const child = spawn(process.execPath, [program, argument], {
    stdio: ['ignore', 'inherit', 'inherit', leak],
  })
  closeSync(leak)
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals | null>()
  child.once('exit', (_, signal) => resolve(signal))
  const signal = await promise
  if (signal !== 'SIGKILL') rmSync(stateDir, { recursive: true })
  expect(signal).toBe('SIGKILL')
  return { stateDir, podUid, mark, spec }
}
