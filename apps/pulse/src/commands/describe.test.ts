import type { KubeObject } from '@pulse/api'
import { expect, test } from 'vitest'
import type { CommandContext } from './context.ts'
import { createTestCommand } from './pulse-command.suite.ts'

const write = { fieldManager: 'test' }
const own = 'planapulse.com/v1alpha1'

function withStory(context: Partial<CommandContext> = {}) {
  const { store, ...command } = createTestCommand(context)
  const create = (object: KubeObject) => store.create(object, write)
  return {
    ...command,
    store,
    create,
    /** Below an owner, as compositions and controllers make it. */
    createPart({ apiVersion, kind, metadata }: KubeObject, part: KubeObject) {
      const { name, uid = '' } = metadata
      const owner = { apiVersion, kind, name, uid, controller: true }
      return create({ ...part, metadata: { ...part.metadata, ownerReferences: [owner] } })
    },
    /** Minutes of one hour, so that their order is known. */
    async tell({ kind, metadata: { name, uid } }: KubeObject, minute: number, reason: string) {
      const lastTimestamp = `2026-01-01T00:${String(minute).padStart(2, '0')}:00Z`
      await create({
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: `${name}.${minute}`, namespace: 'default' },
        involvedObject: { kind, name, uid },
        type: 'Normal',
        reason,
        message: 'as it was told',
        lastTimestamp,
      })
    },
  }
}

const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'one' } }
const client = {
  apiVersion: own,
  kind: 'PLANAClient',
  metadata: { name: 'acme' },
  spec: { subdomain: 'acme', projectId: 1, ownerEmail: 'a@acme.example', ownerName: 'Acme' },
}
const environment = {
  apiVersion: own,
  kind: 'TenantEnvironment',
  metadata: { name: 'acme-prod', labels: { 'crossplane.io/composite': 'acme' } },
  spec: { client: 'acme', name: 'prod' },
}
const container = { name: 'task', image: 'pulse' }
const job = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: {
    name: 'claim',
    namespace: 'default',
    labels: { 'crossplane.io/composite': 'acme-prod' },
  },
  spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } },
}

test('how long the wakes of a tenant in a pool took is told', async () => {
  const wakeTimes = { count: 2, p50Ms: 412, p99Ms: 1180 }
  const figures = { state: 'untold', since: 0, wakesToday: 2, awakeMsToday: 0, wakeTimes }
  const { create, pulse, written } = withStory({
    figures: async (_, name) => (name === 'acme-prod' ? figures : undefined),
  })
  const pooled = { ...environment.spec, odooVersion: '18', hosting: 'pool' }
  await create(client)
  await create({ ...environment, spec: pooled })
  await pulse('describe', 'planaclient', 'acme')
  expect(written.out).toMatch(/Temperature: +warm or hot, served by the pool of Odoo 18\n/)
  expect(written.out).toMatch(
    /Wakes today: +2\n +Wake times: +p50 0\.41 s, p99 1\.18 s, of the last 2\n/,
  )
})

test('the events of an object alone need no column that says whose they are', async () => {
  const { create, tell, pulse, written } = withStory()
  await tell(await create(node), 1, 'Registered')
  await pulse('describe', 'node', 'one')
  expect(written.out).toMatch(
    /TYPE +REASON +AGE +MESSAGE\n +Normal +Registered +\w+ +as it was told/,
  )
})

test('a tenant is described with what happened to its environments, their Jobs and pods', async () => {
  const { create, createPart, tell, pulse, written } = withStory()
  const acme = await create(client)
  const prod = await createPart(acme, environment)
  const claim = await createPart(prod, job)
  const labels = { 'batch.kubernetes.io/controller-uid': claim.metadata.uid ?? '' }
  const spec = { containers: [container] }
  const metadata = { name: 'claim-x', namespace: 'default', labels }
  const pod = await createPart(claim, { apiVersion: 'v1', kind: 'Pod', metadata, spec })
  await tell(pod, 3, 'Failed')
  await tell(acme, 1, 'Composed')
  await tell(claim, 4, 'BackoffLimitExceeded')
  await tell(prod, 2, 'Composed')
  await pulse('describe', 'planaclient', 'acme')
  const [, events = ''] = written.out.split('Events:\n')
  expect([...events.matchAll(/(\w+) +\w+ +(\S+\/\S+) +as it/g)].map((row) => row.slice(1))).toEqual(
    [
      ['Composed', 'planaclient/acme'],
      ['Composed', 'tenantenvironment/acme-prod'],
      ['Failed', 'pod/claim-x'],
      ['BackoffLimitExceeded', 'job/claim'],
    ],
  )
})

test('what has the label of a tenant but another owner is not told of', async () => {
  const { create, createPart, tell, pulse, written } = withStory()
  await create(client)
  const other = await create({
    ...client,
    metadata: { name: 'other' },
    spec: { ...client.spec, subdomain: 'other' },
  })
  await tell(await createPart(other, environment), 1, 'Composed')
  await pulse('describe', 'planaclient', 'acme')
  expect(written.out).toContain('Events:       <none>')
})

test('of many events the newest are shown, and how many are not', async () => {
  const { create, tell, pulse, written } = withStory()
  const one = await create(node)
  for (let minute = 0; minute < 55; minute += 1) await tell(one, minute, `R${minute}`)
  await pulse('describe', 'node', 'one')
  expect(written.out).toContain(' R54 ')
  expect(written.out).not.toContain(' R4 ')
  expect(written.out).toContain('(5 older ones are left out)')
})

test('what a worker has written moves nothing on the terminal, in whichever section it stands', async () => {
  const { store, pulse, written } = createTestCommand()
  const message = 'boom\u001b[2J\u001b]0;owned\u0007\u009b2J\u202e'
  const { uid } = (await store.create(node, write)).metadata
  const conditions = [{ type: 'WorkersReady', status: 'False', reason: 'Error', message }]
  const status = { conditions, containerStatuses: [{ lastState: { terminated: { message } } }] }
  await store.apply({ ...node, status }, { ...write, subresource: 'status' })
  await store.create(
    {
      ...{ apiVersion: 'v1', kind: 'Event', metadata: { name: 'one.1', namespace: 'default' } },
      involvedObject: { kind: 'Node', name: 'one', uid },
      ...{ type: 'Warning', reason: 'BackOff', message },
    },
    write,
  )
  await pulse('describe', 'node', 'one')
  expect(written.out.match(/boom/g)).toHaveLength(3)
  expect(written.out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  await pulse('get', 'events')
  expect(written.out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
})

test('of a tenant that is not ready it names the page with what to do, and the reasons to look up there', async () => {
  const { create, store, pulse, written } = withStory()
  await create(client)
  const made = await create(environment)
  const conditions = [
    { type: 'Ready', status: 'False', reason: 'Creating', message: 'waits' },
    { type: 'DatabaseReady', status: 'False', reason: 'ClaimFailed', message: 'no room' },
    { type: 'Isolated', status: 'False', reason: 'SharedUser', message: 'one user' },
  ]
  const describeWith = async (status: object) => {
    await store.update(
      { ...made, metadata: { name: made.metadata.name }, status },
      { ...write, subresource: 'status' },
    )
    await pulse('describe', 'tenantenvironment', 'acme-prod')
  }
  await describeWith({ conditions })
  expect(written.out).toContain(
    'What to do:   docs/runbooks/not-ready.md, DatabaseReady=ClaimFailed\n',
  )
  written.out = ''
  await describeWith({ conditions: [{ type: 'Ready', status: 'True', reason: 'Available' }] })
  expect(written.out).not.toContain('What to do')
})
