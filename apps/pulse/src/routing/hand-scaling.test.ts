import type { KubeObject } from '@pulse/api'
import { describe, expect, test } from 'vitest'
import { instanceAdvice } from './hand-scaling.ts'

describe('an instance that is scaled or restarted by hand', () => {
  test.each([
    ['put to sleep', worker(1), worker(0), ['it sleeps now']],
    ['woken', worker(0), worker(1), ['it wakes now']],
    ['doubled', worker(1), worker(2), ['an instance has one process']],
    ['woken twice over', worker(0), worker(2), ['it wakes now', 'an instance has one process']],
    ['restarted while it sleeps', worker(0), worker(0, 'b'), ['it sleeps: nothing runs']],
    ['restarted while it is up', worker(1), worker(1, 'b'), []],
    ['left as it is', worker(0), worker(0), []],
    ['of a pool, put to sleep', worker(1, 'a', 'pool'), worker(0, 'a', 'pool'), []],
  ])('%s: what comes of it', (_, before, after, told) => {
    const advice = instanceAdvice(before, after)
    expect(advice).toEqual(told.map((text) => expect.stringContaining(text)))
    // As long as a warning may be, and in its alphabet.
    expect(advice.filter((text) => !/^[\x20-\x7e]{1,256}$/.test(text))).toEqual([])
  })
})

function worker(replicas: number, image = 'a', tier = 'instance'): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'odoo-acme', namespace: 'instance-acme', labels: { 'platxa.io/tier': tier } },
    spec: { replicas, template: { spec: { containers: [{ name: 'odoo', image }] } } },
  }
}
