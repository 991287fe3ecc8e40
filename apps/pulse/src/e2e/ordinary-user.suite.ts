import { execFile } from 'node:child_process'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { main } from './run-pulse.suite.ts'

const run = promisify(execFile)

/** Somebody with a home who is not root: some other user where the tests run as root, else our own. */
export interface OrdinaryUser {
  /** Absent: our own. */
  readonly uid: number | undefined
  readonly home: string
}

const uid = process.getuid?.() === 0 ? 65_534 : undefined

/** Why no Pulse can be started as such a user; undefined: it can. */
export const ordinaryUserMissing = await run(process.execPath, [main, '--version'], {
  ...identityOf({ uid }),
  cwd: '/',
  timeout: 30_000,
}).then(
  () => undefined,
  (error: Error) => `another user than root cannot run this checkout: ${error.message}`,
)

/** With an empty home; whoever calls removes it. */
export async function makeOrdinaryUser(): Promise<OrdinaryUser> {
  const home = await mkdtemp(join(tmpdir(), 'pulse-home-'))
  if (uid !== undefined) await chown(home, uid, uid)
  return { uid, home }
}

/** Where the README says that all lies which Pulse keeps for this user. */
export function ordinaryStateDir({ home }: OrdinaryUser): string {
  return join(home, '.local/state/pulse')
}

/** For `spawn`. */
export function identityOf(user: Pick<OrdinaryUser, 'uid'> | undefined) {
  return user?.uid === undefined ? {} : { uid: user.uid, gid: user.uid }
}

/** Deletes as that user does it by hand. */
export async function removeByHand(path: string, user: OrdinaryUser): Promise<void> {
  await run('rm', ['-r', path], { ...identityOf(user), cwd: '/', timeout: 30_000 })
}

export async function removeHome({ home }: OrdinaryUser): Promise<void> {
  await rm(home, { recursive: true, force: true })
}
