import { Buffer } from 'node:buffer'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { lchownSync, lstatSync, readdirSync } from 'node:fs'
import { text } from 'node:stream/consumers'

/** What only root passes over shows to others alone: some other user where the tests run as root, else our own. */
const isRoot = process.getuid?.() === 0
const user = isRoot ? { uid: 65_534, gid: 65_534 } : {}

/** Why nothing can be run as an ordinary user; undefined: it can. */
export const ordinaryUserMissing = findObstacle()

function findObstacle(): string | undefined {
  const { status, error } = spawnSync(
    process.execPath,
    ['-e', 'fs.accessSync(process.argv[1])', import.meta.filename],
    { ...user, cwd: '/', stdio: 'ignore' },
  )
  if (status === 0) return undefined
  return `another user than root cannot run Node on this checkout (${error?.message ?? status})`
}

/** Runs a module as that user, to its end. */
export async function runAsOrdinaryUser(program: string, ...args: readonly string[]) {
  const child = spawn(process.execPath, [program, ...args], {
    ...user,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'close')
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [exitCode] = await ended
  return { stdout, stderr, exitCode }
}

/** Makes all of it that user's; links too, not what they point to. */
export function giveToOrdinaryUser(path: string | Buffer): void {
  if (user.uid === undefined) return
  lchownSync(path, user.uid, user.gid)
  if (!lstatSync(path).isDirectory()) return
  for (const name of readdirSync(path, { encoding: 'buffer' })) {
    giveToOrdinaryUser(Buffer.concat([Buffer.from(path), Buffer.from('/'), name]))
  }
}
