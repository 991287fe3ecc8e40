import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@pulse/engine'
import type { Runtime } from '@pulse/odoo'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { silent } from '../../silent-log.suite.ts'
import { type Forks, openForks } from './open-forks.ts'

let folder: string
let forks: Forks | undefined
let runtimes: Runtime[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pulse-forks-'))
  runtimes = [standIn('18')]
})
afterEach(async () => {
  await forks?.close()
  rmSync(folder, { recursive: true })
})

test('each runtime has a parent of its own; one that goes takes its parent along', async () => {
  const opened = open('on')
  expect(opened.find('18')).toBeUndefined()
  runtimes.push(standIn('17'))
  await opened.refresh()
  await untilReady('17', '18')
  const server = opened.find('18')
  runtimes.shift()
  await opened.refresh()
  expect(opened.find('18')).toBeUndefined()
  await expect(server?.fork(request, AbortSignal.timeout(5000))).rejects.toThrow('cannot fork')
  expect(conditions()).toEqual(['Forked-17 True'])
})

test('what has not changed keeps its parent; a runtime that is another one gets another', async () => {
  const opened = open('on')
  await opened.refresh()
  const before = opened.find('18')
  await opened.refresh()
  expect(opened.find('18')).toBe(before)
  runtimes = [{ ...standIn('18'), version: '18.1' }]
  await opened.refresh()
  expect(opened.find('18')).not.toBe(before)
})

test('where nothing is to be forked there is no parent, and nothing is said of one', async () => {
  const opened = open('off')
  await opened.refresh()
  expect(opened.find('18')).toBeUndefined()
  expect(opened.conditions()).toEqual([])
})

test('an Odoo that cannot be loaded is given up, and the condition names what is wrong', async () => {
  runtimes = [{ ...standIn('18'), standIn: false, command: ['python3', '/nowhere/odoo-bin'] }]
  const opened = open('on')
  await opened.refresh()
  await expect.poll(conditions, { timeout: 30_000 }).toEqual(['Forked-18 False'])
  await expect
    .poll(() => opened.conditions()[0], { timeout: 30_000 })
    .toMatchObject({ reason: 'ParentFailed', message: expect.stringContaining('cannot import') })
})

const request = {
  ...{ token: 't', gate: '/g', birth: '/b', log: '/l', cgroups: [], mounts: undefined },
  ...{
    user: undefined,
    mostProcesses: undefined,
    workingDir: '/',
    variables: new Map<string, string>(),
    command: ['true'],
  },
}

function open(forkedWorkers: 'on' | 'off'): Forks {
  forks = openForks({
    config: { forkedWorkers, forkLanguages: [] },
    folder,
    path: '/usr/bin:/bin',
    runtimes: () => runtimes,
    modules: () => Promise.resolve([]),
    clock: systemClock,
    log: silent,
    onChange: () => {},
  })
  return forks
}

function standIn(major: Runtime['major']): Runtime {
  return { major, version: `${major}.0`, command: ['/bin/true'], standIn: true }
}

function conditions() {
  return forks?.conditions().map(({ type, status }) => `${type} ${status}`)
}

async function untilReady(...majors: string[]) {
  const wanted = majors.map((major) => `Forked-${major} True`)
  await expect.poll(() => conditions()?.toSorted(), { timeout: 30_000 }).toEqual(wanted)
}
