import { expect, test } from 'vitest'
import { findLeaks, lastingLeaks } from './find-leaks.ts'
import type { Owners, Standing } from './leak-facts.ts'

const nothing: Standing = {
  databases: [],
  roles: [],
  volumes: [],
  filestores: [],
  tombstones: [],
  templates: [],
  staging: [],
  pods: [],
  processes: [],
  hostnames: [],
}

/** One tenant of each hosting, a standby, a template, a buried one, and what a task makes. */
const owned: Standing = {
  databases: [
    { name: 'basic-template-18.localhost', oid: 1, owner: 'pulse' },
    { name: 'standby_s1', oid: 2, owner: 'pulse' },
    { name: 'pooled.localhost', oid: 3, owner: 'plana_odoo_18' },
    { name: 'alone.localhost', oid: 4, owner: 'instance-alone' },
    { name: 'claim_uid-begun', oid: 5, owner: 'pulse' },
    { name: '~uid-buried', oid: 6, owner: 'pulse' },
    { name: 'filling_f1', oid: 7, owner: 'pulse' },
    { name: 'filling_uid-begun', oid: 8, owner: 'pulse' },
    { name: 'somebody-elses', oid: 99, owner: 'postgres' },
  ],
  roles: [
    'basic-template-18.localhost',
    'claim_uid-begun-session',
    'filling_f1',
    'filling_f1-retired',
    'instance-alone',
    'plana_odoo_18',
    'standby_s1',
    '~uid-buried',
  ],
  volumes: ['instance-alone/odoo-filestore', 'plana-odoo-18/odoo-filestore', 'plana-odoo-18'],
  filestores: ['plana-odoo-18/odoo-filestore/pooled.localhost'],
  tombstones: ['uid-buried'],
  templates: [
    'basic-template-18.localhost',
    'before-template-18.localhost',
    'pro-template-18.localhost',
  ],
  staging: ['files-s2', 'work-filling_f1', 'uid-begun', 'uid-begun.stray'],
  pods: ['uid-pod'],
  processes: [{ pid: 10, pod: 'uid-pod' }],
  hostnames: [{ name: 'host:alone.localhost', uid: 'uid-alone' }],
}

const owners: Owners = {
  uids: new Set(['uid-alone', 'uid-pooled', 'uid-begun', 'uid-pod']),
  volumeClaims: new Set(['instance-alone/odoo-filestore', 'plana-odoo-18/odoo-filestore']),
  unfinished: new Set(['filling_f1', 'filling_template-pro-18']),
  registered: {
    templates: [{ database: 'basic-template-18.localhost', role: 'basic-template-18.localhost' }],
    standbys: [standby('s1', 2, 'standby_s1'), standby('s2', 20, 'plana_odoo_18', '/s/files-s2')],
    claims: [
      { ...standby('uid-pooled', 3, 'plana_odoo_18'), database: 'pooled.localhost' },
      { ...standby('uid-alone', 4, 'instance-alone'), database: 'alone.localhost' },
      { ...standby('uid-begun', 5, 'standby_x'), database: 'begun.localhost' },
      { ...standby('uid-buried', 6, 'instance-buried'), database: 'buried.localhost' },
    ],
    tombstones: [{ environmentUid: 'uid-buried', oid: 6 }],
  },
}

test('what is somebody’s, or is being made, is no leak, nor is what is not of Pulse', () => {
  expect(findLeaks(owned, owners)).toEqual([])
})

test.each([
  ['database', 'standby_gone', { databases: [{ name: 'standby_gone', oid: 50, owner: 'pulse' }] }],
  ['database', '~uid-old', { databases: [{ name: '~uid-old', oid: 50, owner: 'pulse' }] }],
  ['database', 'filling_dead', { databases: [{ name: 'filling_dead', oid: 50, owner: 'pulse' }] }],
  [
    'database',
    'gone.localhost',
    {
      databases: [{ name: 'gone.localhost', oid: 50, owner: 'instance-gone' }],
      roles: ['instance-gone'],
    },
  ],
  ['role', 'instance-gone', { roles: ['instance-gone'] }],
  ['role', 'filling_dead-session', { roles: ['filling_dead-session'] }],
  ['volume', 'instance-gone/odoo-filestore', { volumes: ['instance-gone/odoo-filestore'] }],
  ['volume', 'instance-gone', { volumes: ['instance-gone'] }],
  [
    'filestore',
    'plana-odoo-18/odoo-filestore/buried.localhost',
    { filestores: ['plana-odoo-18/odoo-filestore/buried.localhost'] },
  ],
  ['tombstone', 'uid-old', { tombstones: ['uid-old'] }],
  ['template', 'pro-template-17.localhost', { templates: ['pro-template-17.localhost'] }],
  ['staging', 'work-filling_dead', { staging: ['work-filling_dead'] }],
  ['staging', 'uid-old.stray', { staging: ['uid-old.stray'] }],
  ['pod', 'uid-no-pod', { pods: ['uid-no-pod'] }],
  ['process', '11', { processes: [{ pid: 11, pod: undefined }] }],
  ['process', '12', { processes: [{ pid: 12, pod: 'uid-no-pod' }] }],
  ['hostname', 'host:gone.localhost', { hostnames: [{ name: 'host:gone.localhost', uid: 'x' }] }],
] as const)('a %s that belongs to nobody is told by its name: %s', (type, name, standing) => {
  expect(findLeaks({ ...nothing, ...standing }, owners)).toContainEqual({ type, name })
})

test('a database that only has the name of a tenant’s is not that tenant’s', () => {
  const impostor = { name: 'alone.localhost', oid: 77, owner: 'instance-alone' }
  const found = findLeaks({ ...owned, databases: [impostor] }, owners)
  expect(found).toEqual([{ type: 'database', name: 'alone.localhost' }])
})

test('what only passed while it was listed is no leak', () => {
  const first = { ...nothing, tombstones: ['passing', 'staying'] }
  const second = { ...nothing, tombstones: ['staying', 'coming'] }
  expect(lastingLeaks(first, owners, second)).toEqual([{ type: 'tombstone', name: 'staying' }])
})

function standby(id: string, oid: number, role: string, filestore?: string) {
  return {
    id,
    oid,
    role,
    filestore: filestore ?? '/state/templates/before-template-18.localhost/f',
  }
}
