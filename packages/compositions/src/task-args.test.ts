import { expect, test } from 'vitest'
import { taskArgs } from './task-args.ts'

const drop = {
  environment: 'acme-prod',
  environmentUid: 'u',
  hosting: 'pool',
  database: 'acme.localhost',
  role: 'plana_odoo_18',
  filestoreClaim: 'plana-odoo-18/odoo-filestore',
  retainDays: 7,
} as const

test('an argument is named after its field', () => {
  expect(taskArgs.drop(drop)).toContain('--environment-uid=u')
})

test('a value that begins with a dash stays a value', () => {
  expect(taskArgs.drop({ ...drop, database: '--role=admin' })).toContain('--database=--role=admin')
})

test('lists are joined, empty ones and false flags are left out', () => {
  const template = {
    action: 'install',
    template: 't',
    edition: 'basic',
    major: '18',
    database: 'd',
    namespace: 'n',
    facts: 'f',
  } as const
  expect(taskArgs.template({ ...template, modules: ['crm', 'hr'] })).toContain('--modules=crm,hr')
  expect(taskArgs.template({ ...template, modules: [] }).join(' ')).not.toContain('modules')
})
