import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { LockedError, takeLock, takeLockWithin } from './lock.ts'

function lockPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pulse-lock-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'lock')
}

test('only one holds the lock, and it can be taken again once released', async () => {
  const path = lockPath()
  const release = await takeLock(path)
  await expect(takeLock(path)).rejects.toThrow(LockedError)
  release()
  const again = await takeLockWithin(path, 5)
  again()
})

test('a holder killed with SIGKILL leaves no lock behind', async () => {
  const path = lockPath()
  const holder = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { takeLock } from ${JSON.stringify(join(import.meta.dirname, 'lock.ts'))}
       await takeLock(${JSON.stringify(path)}); console.log('held'); setInterval(() => {}, 1000)`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  await once(holder.stdout, 'data')
  await expect(takeLock(path)).rejects.toThrow(LockedError)
  holder.kill('SIGKILL')
  const release = await takeLockWithin(path, 5)
  release()
})

test('whoever waits for the lock can be told to stop', async () => {
  const path = lockPath()
  onTestFinished(await takeLock(path))
  await expect(takeLockWithin(path, 60, AbortSignal.abort())).rejects.toThrow(/abort/)
})
