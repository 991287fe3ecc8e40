import { readFile, stat } from 'node:fs/promises'
import { CommandError, exitCodes } from '../exit.ts'

/** Refuses what the system does not let this user read of a state directory, by whose that is; goes on after any other failure. */
export async function refuseUnreadable(stateDir: string, error: unknown): Promise<undefined> {
  if (!isRefused(error)) return
  const owner = await ownerOf(stateDir)
  const whose = owner === undefined ? '' : `: it belongs to ${owner}`
  throw new CommandError(
    `you may not read ${stateDir}${whose}; run this as the user who runs Pulse`,
    exitCodes.failed,
    { cause: error },
  )
}

function isRefused(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['EACCES', 'EPERM'].includes(`${error.code}`)
}

async function ownerOf(path: string): Promise<string | undefined> {
  const uid = await stat(path).then(
    (found) => found.uid,
    () => undefined,
  )
  if (uid === undefined) return undefined
  const entries = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n')
  const [name] = entries.map((line) => line.split(':')).find((entry) => entry[2] === `${uid}`) ?? []
  return name ?? `user ${uid}`
}
