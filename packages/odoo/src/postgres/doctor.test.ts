import { expect, test } from 'vitest'
import { examine, type Finding, type Isolation, type Probes } from './doctor.ts'

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

const asRoot: Isolation = {
  ...{ isRoot: true, ownUsers: true, firewall: true },
  controllers: ['memory', 'cpu', 'pids'],
}

const asAnybody: Isolation = { isRoot: false, ownUsers: false, firewall: false, controllers: [] }

async function finding(
  subject: string,
  probes: Probes,
  isolation = asRoot,
): Promise<Finding | undefined> {
  return (await examine(isolation, probes)).find((found) => found.subject === subject)
}

test('a complete machine lacks nothing, and the newest of each is named', async () => {
  const findings = await examine(asRoot, complete)
  expect(findings.filter(({ state }) => state !== 'ok')).toEqual([])
  expect(findings.filter(({ remedy }) => remedy !== undefined)).toEqual([])
  expect(await finding('PostgreSQL', complete)).toMatchObject({ detail: 'system 16 (/pg/16/bin)' })
  expect(await finding('pg_dump', complete)).toMatchObject({ detail: '16 (/pg/16/bin/pg_dump)' })
})

test('of python3 no more is said than was looked at', async () => {
  expect(await finding('python3', complete)).toMatchObject({
    state: 'ok',
    detail: expect.stringMatching(/python3; not whether it has Odoo's packages: .*runtime add/),
  })
})

test('on a bare machine everything is told, with its feature and the command that mends it', async () => {
  const findings = await examine(asAnybody, bare)
  expect(findings.map(({ subject, state }) => `${subject} ${state}`)).toEqual([
    'PostgreSQL missing',
    'pg_restore missing',
    'pg_dump missing',
    'python3 missing',
    'git missing',
    'wkhtmltopdf missing',
    'nft missing',
    'own users limited',
    'cgroups limited',
  ])
  for (const { feature, remedy } of findings) {
    expect(feature).not.toBe('')
    expect(remedy).toMatch(/^(apt-get install -y |boot with |run Pulse as root)/)
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
  { mounted: ['memory', 'cpu', 'pids'], controllers: ['memory', 'cpu', 'pids'], detail: 'v1' },
  {
    mounted: ['memory', 'cpu'],
    controllers: ['memory', 'cpu'],
    detail: 'not mounted with memory, cpu and pids',
  },
  {
    mounted: ['memory', 'cpu', 'pids'],
    controllers: ['cpu'],
    detail: 'not writable for this user, no limits of memory, pids',
  },
])('cgroups of version 1: $detail', async ({ mounted, controllers, detail }) => {
  const exists = async (path: string) => mounted.some((name) => path === `/sys/fs/cgroup/${name}`)
  expect(
    await finding('cgroups', { ...complete, exists }, { ...asRoot, controllers }),
  ).toMatchObject({ state: controllers.length === 3 ? 'ok' : 'limited', detail })
})

test('what only root can do is told as not available without it, with what follows', async () => {
  const limited = { state: 'limited', remedy: expect.stringContaining('run Pulse as root') }
  const tell = (subject: string) => finding(subject, complete, asAnybody)
  expect(await tell('cgroups')).toMatchObject({
    ...limited,
    detail: 'not writable for this user, no limits of memory, cpu, pids',
  })
  expect(await tell('nft')).toMatchObject({
    ...limited,
    detail: 'not available without root, instances reach each other',
  })
  expect(await tell('own users')).toMatchObject({
    ...limited,
    detail: 'not available without root, all instances run as one user',
  })
})

test('a root whose rights are cut is not told to become root', async () => {
  const cut = { ...asRoot, ownUsers: false, firewall: false, controllers: [] }
  for (const subject of ['nft', 'own users', 'cgroups']) {
    const found = await finding(subject, complete, cut)
    expect(found?.state).toBe('limited')
    expect(found?.remedy).not.toContain('root')
  }
})
