import { readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { dirname } from 'node:path'
import { type Account, ProgramError, runProgram } from '../program.ts'

/** PostgreSQL refuses to be root and asks the system for its user's name, so it needs an entry of its own. */
const serverUser = 'pulse-postgres'

/** The user that the server runs as: ours, or as root its own, made when missing. */
export async function serverAccount(signal?: AbortSignal): Promise<Account> {
  if (process.getuid?.() !== 0) return ownAccount()
  const existing = await findAccount(serverUser)
  if (existing !== undefined) return existing
  await runProgram(
    'useradd',
    [
      '--system',
      '--no-create-home',
      '--home-dir',
      '/nonexistent',
      '--shell',
      '/usr/sbin/nologin',
      serverUser,
    ],
    { timeoutMs: 30_000, signal },
  ).catch((error: unknown) => {
    // Two servers that start at once both try: what counts is that the user is there.
    if (!(error instanceof ProgramError)) throw error
    return error
  })
  const made = await findAccount(serverUser)
  if (made !== undefined) return made
  throw new Error(`cannot make the system user ${serverUser}: run useradd --system ${serverUser}`)
}

/** Ours; a user without an entry cannot be recognised by its socket, so it is refused here with the reason. */
function ownAccount(): Account {
  try {
    const { username, uid, gid } = userInfo()
    return { name: username, uid, gid }
  } catch (cause) {
    throw new Error(
      `user ${process.getuid?.()} has no entry in /etc/passwd, which PostgreSQL needs: add one, or give an external server`,
      { cause },
    )
  }
}

async function findAccount(name: string): Promise<Account | undefined> {
  const entries = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  const entry = entries.find(([user]) => user === name)
  if (entry === undefined) return
  return { name, uid: Number(entry[2]), gid: Number(entry[3]) }
}

/** Fails with the first folder on the way that the account cannot pass, and the command that opens it. */
export async function mustReach(folder: string, account: Account): Promise<void> {
  if (account.uid === process.getuid?.()) return
  const way: string[] = []
  for (let at = folder; at !== dirname(at); at = dirname(at)) way.unshift(at)
  for (const step of way) {
    const passable = await runProgram('/bin/sh', ['-c', 'test -x "$1"', 'sh', step], {
      timeoutMs: 5_000,
      account,
      cwd: '/',
    }).then(
      () => true,
      () => false,
    )
    if (!passable) {
      throw new Error(
        `user ${account.name} cannot enter ${step}, so PostgreSQL cannot keep its data under ${folder}: chmod a+x ${step}, or choose another state directory`,
      )
    }
  }
}
