import { describe, expect, test } from 'vitest'
import { claimArgs } from './claim-args.ts'
import { dropArgs } from './drop.ts'
import { parseTaskArgs } from './parse-args.ts'
import { runTask, tasks } from './registry.ts'

const drop = [
  '--environment=acme-prod',
  '--environment-uid=0b5e2c1e-1111-4222-8333-444455556666',
  '--hosting=pool',
  '--database=acme.localhost',
  '--role=plana_odoo_18',
  '--filestore-claim=plana-odoo-18/odoo-filestore',
  '--retain-days=7',
]

test('a command line becomes typed arguments', () => {
  expect(parseTaskArgs('drop', dropArgs, drop)).toEqual({
    environment: 'acme-prod',
    environmentUid: '0b5e2c1e-1111-4222-8333-444455556666',
    hosting: 'pool',
    database: 'acme.localhost',
    role: 'plana_odoo_18',
    filestoreClaim: 'plana-odoo-18/odoo-filestore',
    retainDays: 7,
  })
})

test('what is missing is told as the option that it is', () => {
  const without = drop.filter((flag) => !/^--(environment-uid|role)/.test(flag))
  expect(() => parseTaskArgs('drop', dropArgs, without)).toThrow(
    'pulse task drop: --environment-uid is missing; --role is missing',
  )
})

test('every mistake is told at once', () => {
  const wrong = [...drop.filter((flag) => !flag.startsWith('--role')), '--retain-days=soon', '--so']
  expect(() => parseTaskArgs('drop', dropArgs, wrong)).toThrow(
    /unknown argument --so.*--retain-days|--retain-days.*unknown argument --so/,
  )
  expect(() => parseTaskArgs('drop', dropArgs, wrong)).toThrow(/role/)
})

describe('values', () => {
  test('that begin with a dash or hold an equals sign stay values', () => {
    const argv = [...drop, '--database=-a=b']
    expect(parseTaskArgs('drop', dropArgs, argv).database).toBe('-a=b')
  })

  test('of lists are split, and a flag alone is true', () => {
    const schema = claimArgs
    expect(() => parseTaskArgs('claim', schema, ['--modules=sale,stock', '--neutralise'])).toThrow(
      /environment/,
    )
  })

  test('that lead elsewhere are refused as a uid', () => {
    const argv = [...drop, '--environment-uid=../../etc']
    expect(() => parseTaskArgs('drop', dropArgs, argv)).toThrow(/environment-uid/)
  })
})

test('an unknown task is answered with those that exist', async () => {
  const never = new Proxy({}, { get: () => undefined })
  await expect(
    // The dependencies are not reached: the name is refused before.
    runTask('constructor', [], { deps: never as never, signal: AbortSignal.timeout(1000) }),
  ).rejects.toThrow(Object.keys(tasks).join(', '))
})
