import { expect, test } from 'vitest'
import { exitCodes } from '../exit.ts'
import { createTestCommand } from './pulse-command.suite.ts'
import { parseGoal } from './wait-goal.ts'

const object = {
  apiVersion: 'v1',
  kind: 'X',
  metadata: { name: 'a', labels: { 'a.b/c': 'd' } },
  spec: { aliases: ['one.example', 'two.example'], off: false, none: null },
  status: { url: 'http://a=b', conditions: [{ type: 'Ready', status: 'True' }] },
}

test.each([
  ['condition=ready', true],
  ['condition=Ready=false', false],
  ['jsonpath={.status.url}=http://a=b', true],
  ['jsonpath={.status.url}="http://a=b"', true],
  ['jsonpath={.status.url}=http://other', false],
  ['jsonpath=.spec.aliases[1]=two.example', true],
  ['jsonpath={.spec.aliases[2]}', false],
  ['jsonpath=status.url', true],
  ['jsonpath={.spec.off}=false', true],
  ['jsonpath={.spec.none}', false],
  ['jsonpath={.spec.none}=null', false],
  ['jsonpath={.status.toString}', false],
  ["jsonpath={.metadata.labels['a.b/c']}=d", true],
  ['jsonpath={.metadata.labels.a\\.b/c}=d', undefined],
  ['create', true],
  ['delete', false],
])('--for=%s of an object that is there: %s', (text, holds) => {
  if (holds === undefined) expect(() => parseGoal(text)).toThrow('only a simple path')
  else expect(parseGoal(text).holds(object)).toBe(holds)
})

test.each([
  'jsonpath={.items[*].name}',
  'jsonpath={..name}',
  'jsonpath={.spec[?(@.a==1)]}',
  'jsonpath={}',
  'jsonpath=',
  'jsonpath={.a}b',
  'condition=',
  'ready',
])('--for=%s is wrong use, with what can be written', (text) => {
  expect(() => parseGoal(text)).toThrow(
    expect.objectContaining({
      exitCode: exitCodes.usage,
      message: expect.stringMatching(/^--for=.*jsonpath='\{\./s),
    }),
  )
})

const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } }
const write = { fieldManager: 'test' }

test('an object that is not there yet is waited for', async () => {
  const { pulse, store, written } = createTestCommand()
  const waiting = pulse('wait', 'cm/a', '--for=create', '-o', 'json')
  await store.create({ ...map, data: { key: 'value' } }, write)
  await waiting
  expect(JSON.parse(written.out)).toMatchObject({ data: { key: 'value' } })
})

test('a value is waited for; in vain, the one that is there is told', async () => {
  const { pulse, store } = createTestCommand()
  await store.create({ ...map, data: { state: 'begun' } }, write)
  const goal = '--for=jsonpath={.data.state}=done'
  await expect(pulse('wait', 'cm/a', goal, '--timeout=50ms')).rejects.toMatchObject({
    message: expect.stringMatching(/: it is "begun"$/),
    exitCode: exitCodes.timeout,
  })
  const waiting = pulse('wait', 'cm/a', goal)
  await store.update({ ...map, data: { state: 'done' } }, write)
  await waiting
})
