import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { removePod } from './awaited-pods.suite.ts'
import { markOf, specWith } from './killed-pulse.suite.ts'
import {
  createMachine,
  isReady,
  type Machine,
  podFolders,
  processesWith,
  statusOf,
} from './pod-runner.suite.ts'

/** Once, at the begin of this step, the journal of the only pod cannot be written. */
function failJournalAt(machine: Machine, step: string) {
  const onStep = (message: unknown) => {
    const { step: name, phase } = message as { readonly step: string; readonly phase: string }
    if (name !== step || phase !== 'begin') return
    unsubscribe('pulse.step', onStep)
    const [folder = ''] = podFolders(machine)
    const draft = join(machine.stateDir, 'pods', folder, 'pod.json.draft')
    mkdirSync(draft)
    // Before anybody hears of what came of it.
    queueMicrotask(() => rmdirSync(draft))
  }
  subscribe('pulse.step', onStep)
  onTestFinished(() => void unsubscribe('pulse.step', onStep))
}

test('a run that has begun, and could not be written down, is taken over and not begun twice', async () => {
  const machine = await createMachine({ octet: 204 })
  onTestFinished(() => machine.close())
  failJournalAt(machine, 'identify')
  const mark = markOf()
  const pod = await machine.createPod(specWith(mark))
  const ready = await machine.until(pod, isReady)
  expect(statusOf(ready).restartCount).toBe(0)
  expect(processesWith(mark)).toHaveLength(1)
  await removePod(machine, pod)
  expect(processesWith(mark)).toEqual([])
})
