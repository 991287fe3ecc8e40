import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { recordOf, taskNamespace } from '@pulse/api'
import { expect, onTestFinished, test } from 'vitest'
import { pulseOfTest } from './pulse-under-test.suite.ts'
import { createTenant } from './tenant.suite.ts'
import { untilTemplatesReady } from './tenants-under-test.suite.ts'

test('an import of what is no dump fails at its first attempt, and the template before goes on to serve', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-import-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const notes = join(folder, 'notes.txt')
  await writeFile(notes, 'Dear all,\nthis is no dump.\n')
  const pulse = await pulseOfTest()
  const objects = await pulse.objects()
  await untilTemplatesReady(objects)
  const template = { apiVersion: 'planapulse.com/v1alpha1', kind: 'TemplateSnapshot' } as const
  const factsOf = async () => {
    const { builtAt, seed, sizeBytes, modules } = recordOf(
      (await objects.get({ ...template, name: 'basic-18' }))?.status,
    )
    return { builtAt, seed, sizeBytes, modules }
  }
  const before = await factsOf()
  expect(before.sizeBytes).toBeGreaterThan(0)

  // The second time it is the retry that fails.
  for (const _ of [1, 2]) {
    const from = ['--edition', 'basic', '--dump', notes]
    const { exitCode, stderr } = await pulse.pulse('template', 'import', '18', ...from)
    expect(exitCode).toBe(1)
    expect(stderr).toContain(`cannot restore ${notes}`)
    expect(stderr).toContain('the template before still serves')
  }
  expect(await factsOf()).toEqual(before)

  const { items } = await objects.list({
    apiVersion: 'batch/v1',
    kind: 'Job',
    namespace: taskNamespace,
  })
  const imports = items.filter(({ metadata }) => metadata.name.startsWith('template-import-'))
  expect(imports.map(({ status }) => recordOf(status).failed)).toEqual([1])
  await createTenant(pulse, 'served')
})
