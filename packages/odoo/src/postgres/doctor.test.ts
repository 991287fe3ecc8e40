import { expect, test } from 'vitest'
import { examine, type Finding, type Probes } from './doctor.ts'

/** A machine that has everything. */
const complete: Probes = {
  servers: async () => [
    { major: 16, folder: '/pg/16/bin' },
    { major: 15, folder: '/pg/15/bin' },
  ],
  embedded: () => '/modules/embedded',
  clients: async (name) => [
    { major: 15, path: `/pg/15/bin/${name}` },
    { major: 16, path: `/pg/16/bin/${name}` },
  ],
  find: async (program) => `/usr/bin/${program}`,
  version: async () => 'wkhtmltopdf 0.12.6.1 (with patched qt)',
  exists: async (path) => path.endsWith('/cgroup.controllers'),
}

/** A machine that has nothing at all. */
const bare: Probes = {
  servers: async () => [],
  embedded: () => undefined,
  clients: async () => [],
  find: async () => undefined,
  version: () => Promise.reject(new Error('not asked')),
  exists: async () => false,
}

async function finding(subject: string, probes: Probes): Promise<Finding | undefined> {
  return (await examine(probes)).find((found) => found.subject === subject)
}

test('a complete machine lacks nothing, and the newest of each is named', async () => {
  const findings = await examine(complete)
  expect(findings.filter(({ state }) => state !== 'ok')).toEqual([])
  expect(findings.filter(({ remedy }) => remedy !== undefined)).toEqual([])
  expect(await finding('PostgreSQL', complete)).toMatchObject({ detail: 'system 16 (/pg/16/bin)' })
  expect(await finding('pg_dump', complete)).toMatchObject({ detail: '16 (/pg/16/bin/pg_dump)' })
})

test('on a bare machine everything is told, with its feature and the command that mends it', async () => {
  const findings = await examine(bare)
  expect(findings.map(({ subject, state }) => `${subject} ${state}`)).toEqual([
    'PostgreSQL missing',
    'pg_restore missing',
    'pg_dump missing',
    'python3 missing',
    'git missing',
    'wkhtmltopdf missing',
    'nft missing',
    'cgroups limited',
  ])
  for (const { feature, remedy } of findings) {
    expect(feature).not.toBe('')
    expect(remedy).toMatch(/^(apt-get install -y |boot with )/)
  }
})

test('without a PostgreSQL of the system the embedded one serves', async () => {
  const probes = { ...bare, embedded: complete.embedded }
  expect(await finding('PostgreSQL', probes)).toMatchObject({
    state: 'ok',
    detail: 'embedded package',
  })
})

test.each([
  { is: 'without patched Qt', version: async () => 'wkhtmltopdf 0.12.6' },
  { is: 'that does not start', version: () => Promise.reject(new Error('no library')) },
])('a report printer $is is told as limited', async ({ version }) => {
  expect(await finding('wkhtmltopdf', { ...complete, version })).toMatchObject({
    state: 'limited',
    remedy: expect.stringContaining('wkhtmltox'),
  })
})

test.each([
  { mounted: ['memory', 'cpu', 'pids'], state: 'ok', detail: 'v1' },
  { mounted: ['memory', 'cpu'], state: 'limited', detail: 'not mounted with memory, cpu and pids' },
])('cgroups of version 1 with $mounted are $state', async ({ mounted, ...expected }) => {
  const exists = async (path: string) => mounted.some((name) => path === `/sys/fs/cgroup/${name}`)
  expect(await finding('cgroups', { ...complete, exists })).toMatchObject(expected)
})
