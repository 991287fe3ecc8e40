import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ordinaryUserMissing, runAsOrdinaryUser } from '../ordinary-user.suite.ts'
import { markOf } from './killed-pulse.suite.ts'
import { processesWith } from './pod-runner.suite.ts'

test.skipIf(ordinaryUserMissing !== undefined)(
  `of a pod of a Pulse without root nothing is left; while it cannot be removed it says why (${ordinaryUserMissing ?? 'as another user'})`,
  async () => {
    const program = join(import.meta.dirname, 'testdata', 'ordinary-user-process.ts')
    const mark = markOf()
    onTestFinished(() => {
      for (const pid of processesWith(mark)) process.kill(pid, 'SIGKILL')
    })
    const { stdout, stderr } = await runAsOrdinaryUser(
      program,
      JSON.stringify({ octet: 249, mark }),
    )
    const seen = stdout === '' ? stderr : JSON.parse(stdout)
    expect(seen).toMatchObject({ log: '2s3cret', foldersAfter: [], secretsAfter: [] })
    expect(seen.uid).not.toBe(0)
    expect(seen.secretsBefore).toEqual([seen.podUid])
    expect(seen.secretsAtEnd).toBe(false)
    const message = expect.stringMatching(`^cannot remove .*/${seen.podUid}: EACCES$`)
    expect(seen.condition).toEqual({ reason: 'CleanUpFailed', message })
    expect(seen.told[0]).toEqual({ type: 'Warning', reason: 'FailedCleanUp', message })
    expect(processesWith(mark)).toEqual([])
  },
)
