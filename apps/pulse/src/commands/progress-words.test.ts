import { expect, test } from 'vitest'
import { progressWords } from './progress-words.ts'

function client(message: string) {
  return {
    apiVersion: 'planapulse.com/v1alpha1',
    kind: 'PLANAClient',
    metadata: { name: 'acme' },
    spec: { odooVersion: '18' },
    status: { conditions: [{ type: 'Ready', status: 'False', reason: 'Creating', message }] },
  }
}

const waiting =
  'waits for DatabaseReady (PoolMissing), FilestoreReady (Waiting), WorkersReady (PoolMissing)'
const claiming = 'waits for DatabaseReady (Claiming), FilestoreReady (Waiting)'

test.each([
  ['prod is being made', 'making the database'],
  [waiting, 'preparing the workers of Odoo 18'],
  [claiming, 'making the database'],
  ['waits for WorkersReady (Starting)', 'starting the workers'],
  ['waits for RouteReady (WaitingForGateway)', 'opening its address'],
])('%s: %s', (message, words) => {
  expect(progressWords(client(message), { templateMissing: false })).toBe(words)
})

test.each(['prod is being made', waiting, claiming])(
  'without a template it is the template that takes its time: %s',
  (message) => {
    const words = progressWords(client(message), { templateMissing: true })
    expect(words).toBe('making the template of Odoo 18, once, about half a minute')
  },
)

test('a template that is made anew for another runtime is what takes its time', () => {
  const message = 'waits for DatabaseReady (TemplateBuilding), FilestoreReady (Waiting)'
  expect(progressWords(client(message), { templateMissing: false })).toBe(
    'making the template of Odoo 18 anew, once, about half a minute',
  )
})

test.each([
  "database acme.localhost exists and is not Pulse's; it is tried again",
  'waits for WorkersReady (ProgressDeadlineExceeded)',
  'no runtime for Odoo 18: pulse runtime add 18 --path DIR',
])('what does not pass by itself is told as it is: %s', (message) => {
  expect(progressWords(client(message), { templateMissing: true })).toBe(message)
})

test('before the first condition there is nothing to say', () => {
  expect(progressWords(undefined, { templateMissing: false })).toBeUndefined()
})
