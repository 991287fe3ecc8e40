import { expect, test } from 'vitest'
import { checkOf, isDue, planOf } from './plan.ts'
import { type PlannedAction, parsePlannedActions } from './planned-action.ts'

const second = 1_000
const hour = 3_600 * second
const day = 24 * hour
const now = Date.parse('2026-06-01T12:00:00Z')

const mailQueue = (changes: Partial<PlannedAction> = {}): PlannedAction => ({
  id: 1,
  nextcall: (now - 90 * 60 * second) / second,
  lastcall: (now - 150 * 60 * second) / second,
  trigger: null,
  interval_number: 1,
  interval_type: 'hours',
  state: 'code',
  model: 'mail.mail',
  code: 'model.process_email_queue(batch_size=1000)',
  action: 'mail.ir_cron_mail_scheduler_action',
  is_extended: false,
  version: '18.0.1.3',
  ...changes,
})
const empty = new Set([1])
const none = new Set<number>()

test('an empty action is looked at again when it would have run next', () => {
  expect(planOf([mailQueue()], empty, now)).toEqual({
    dueSince: undefined,
    nextAt: now + 30 * 60 * second,
  })
})

test('one that has got work was due at the last moment of its schedule, not at its first', () => {
  expect(planOf([mailQueue()], none, now)).toEqual({
    dueSince: now - 30 * 60 * second,
    nextAt: undefined,
  })
})

test('an unknown action has been due since its time', () => {
  const action = mailQueue({ action: null })
  expect(checkOf(action, now)).toBeUndefined()
  expect(planOf([action], none, now).dueSince).toBe(now - 90 * 60 * second)
})

test('what is not due is the next thing to look at', () => {
  const action = mailQueue({ nextcall: (now + hour) / second })
  expect(isDue(action, now)).toBe(false)
  expect(planOf([action], none, now)).toEqual({ dueSince: undefined, nextAt: now + hour })
  const asked = { ...action, trigger: (now + 60 * second) / second }
  expect(planOf([asked], none, now).nextAt).toBe(now + 60 * second)
})

test('what somebody has asked for runs unchecked', () => {
  const action = mailQueue({ nextcall: (now + hour) / second, trigger: (now - second) / second })
  expect(isDue(action, now)).toBe(true)
  expect(checkOf(action, now)).toBeUndefined()
  expect(planOf([action], none, now).dueSince).toBe(now - second)
})

test('a week after its last run every action runs', () => {
  expect(checkOf(mailQueue(), now)).toBeDefined()
  expect(checkOf(mailQueue({ lastcall: (now - 7 * day) / second }), now)).toBeUndefined()
  const never = mailQueue({ lastcall: null, nextcall: (now - 7 * day) / second })
  expect(checkOf(never, now)).toBeUndefined()
})

test('a table of one major says nothing of another', () => {
  expect(checkOf(mailQueue({ version: '16.0.1.3' }), now)).toBeUndefined()
  expect(checkOf(mailQueue({ version: null }), now)).toBeUndefined()
})

test('whatever the interval, an empty action is looked at within a day and not every moment', () => {
  const yearly = mailQueue({ interval_number: 12, interval_type: 'months' })
  expect(planOf([yearly], empty, now).nextAt).toBeLessThanOrEqual(now + day)
  const mad = mailQueue({ interval_number: 0, interval_type: 'minutes' })
  expect(planOf([mad], empty, now).nextAt).toBeGreaterThan(now)
})

test('an action without an interval, as Odoo 17 may have one, keeps no other from its time', () => {
  const later = mailQueue({ id: 2, nextcall: (now + hour) / second })
  for (const broken of [{ interval_type: null }, { interval_number: null }]) {
    const actions = parsePlannedActions([mailQueue({ ...broken, action: null }), later])
    const due = planOf(actions, none, now)
    expect(due).toEqual({ dueSince: now - 90 * 60 * second, nextAt: now + hour })
    expect(planOf(actions, empty, now).nextAt).toBeLessThanOrEqual(now + hour)
  }
})

test('neighbours are read together, at the last of them', () => {
  const at = (milliseconds: number, id: number) =>
    mailQueue({ id, nextcall: (now + hour + milliseconds) / second })
  const actions = [at(0, 1), at(9 * second, 2), at(16 * second, 3)]
  expect(planOf(actions, none, now).nextAt).toBe(now + hour + 9 * second)
})
