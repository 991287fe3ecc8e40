import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StatusError } from '@pulse/api'
import type { ObjectsClient } from '@pulse/engine'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PulseUnderTest, startPulse } from './pulse-under-test.suite.ts'
import type { CommandResult } from './run-pulse.suite.ts'
import { clientRef, tenant } from './tenants-under-test.suite.ts'

let pulse: PulseUnderTest
let objects: ObjectsClient
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pulse-manifests-'))
  pulse = await startPulse()
  objects = await pulse.objects()
})

afterAll(async () => {
  await pulse.cleanUp()
  await rm(folder, { recursive: true, force: true })
}, 120_000)

async function apply(manifest: string): Promise<CommandResult> {
  const file = join(folder, 'tenant.yaml')
  await writeFile(file, manifest)
  return await pulse.pulse('apply', '-f', file)
}

const manifest = (spec: string, name = 'typo') =>
  `apiVersion: planapulse.com/v1alpha1\nkind: PLANAClient\nmetadata:\n  name: ${name}\nspec:\n${spec}`

test('an unknown field is refused with the name that was probably meant', async () => {
  const { exitCode, stderr } = await apply(
    manifest(
      '  subdomain: typo\n  projectId: 1\n  ownerMail: a@b.example\n  ownerEmail: a@b.example\n  ownerName: Typo\n',
    ),
  )
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(
    /tenant\.yaml:8: spec\.ownerMail: unknown field, did you mean "ownerEmail"\?\n/,
  )
  expect(await objects.get(clientRef('typo'))).toBeUndefined()
})

test('broken YAML is refused with its file, line and column', async () => {
  const { exitCode, stderr } = await apply(manifest('  subdomain: [typo\n  projectId: 1\n'))
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(/tenant\.yaml:\d+:\d+: /)
})

test('all mistakes of a manifest are told at once, each with its line and field', async () => {
  const fields = ['subdomain', 'projectId', 'tier', 'odooVersion', 'ownerEmail']
  const { exitCode, stderr } = await apply(
    manifest(
      '  subdomain: Typo_\n  projectId: -1\n  tier: gold\n  odooVersion: "16"\n  ownerEmail: nobody\n  ownerName: Typo\n',
    ),
  )
  expect(exitCode).toBe(1)
  for (const [index, field] of fields.entries()) {
    expect(stderr).toContain(`tenant.yaml:${index + 6}: spec.${field}: `)
  }
})

test('a good manifest beside a bad one is applied, and the exit code tells of the bad one', async () => {
  const good = manifest(
    '  subdomain: good\n  projectId: 1\n  ownerEmail: a@b.example\n  ownerName: Good\n',
    'good',
  )
  const { exitCode, stdout, stderr } = await apply(`${good}---\n${manifest('  tier: gold\n')}`)
  expect(exitCode).toBe(1)
  expect(stdout).toContain('planaclient/good created')
  expect(stderr).toContain('1 of 2 refused')
})

test('of two creations of one name at once exactly one wins', async () => {
  const both = await Promise.allSettled(
    ['first@x.example', 'second@x.example'].map((ownerEmail) =>
      objects.create(tenant('twice', { ownerEmail }), { fieldManager: 'test' }),
    ),
  )
  const refusals = both.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  expect(refusals).toHaveLength(1)
  expect(refusals[0]).toMatchObject({ reason: 'AlreadyExists' })
  expect(String(refusals[0])).not.toContain('@x.example')
})

test('of two tenants that want one hostname at once one wins; the other is told field and rule, not by whom', async () => {
  const names = ['left', 'right']
  const both = await Promise.allSettled(
    names.map((name) =>
      objects.create(tenant(name, { aliases: ['shop.example.com'] }), { fieldManager: 'test' }),
    ),
  )
  const loser = both.findIndex(({ status }) => status === 'rejected')
  const refusal = both[loser]
  if (refusal?.status !== 'rejected' || !(refusal.reason instanceof StatusError)) {
    throw new Error('both were accepted')
  }
  const causes = refusal.reason.details.causes ?? []
  expect(causes).toHaveLength(1)
  expect(causes[0]?.field).toBe('spec.aliases[0]')
  expect(causes[0]?.message).toMatch(/taken|use/)
  expect(JSON.stringify(refusal.reason)).not.toContain(names[1 - loser])
  expect(await objects.get(clientRef(names[loser] ?? ''))).toBeUndefined()
})
