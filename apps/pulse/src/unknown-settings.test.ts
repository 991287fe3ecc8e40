import { expect, test } from 'vitest'
import { settings } from './config.ts'
import { unknownSettings } from './unknown-settings.ts'

test('a variable that is nearly a setting is told with the setting that was meant', () => {
  expect(unknownSettings(settings, { PLANA_TENANT_DOMIAN: 'example.com' })).toEqual([
    'PLANA_TENANT_DOMIAN is no setting of Pulse and has no effect; did you mean PLANA_TENANT_DOMAIN?',
  ])
})

test('one that is like none is told without a guess', () => {
  expect(unknownSettings(settings, { PLANA_ZZ: '1', PATH: '/bin' })).toEqual([
    'PLANA_ZZ is no setting of Pulse and has no effect',
  ])
})

test('settings, the files of secret ones and what tests are told are no mistakes', () => {
  const environment = {
    PLANA_TENANT_DOMAIN: 'example.com',
    PLANA_DATABASE_URL_FILE: '/run/secrets/url',
    PLANA_TEST_ODOO_18: '/opt/odoo',
    PLANA_FIXTURES: '/fixtures',
  }
  expect(unknownSettings(settings, environment)).toEqual([])
})
