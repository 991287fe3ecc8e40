import { StatusError } from '@pulse/api'
import { expect, test } from 'vitest'
import { inWordsOfCreate } from './create-refusal.ts'

test('mistakes name the option, and the name is wrong once', () => {
  const reason = 'FieldValueInvalid' as const
  const causes = [
    { reason, field: 'metadata.name', message: 'must be at most 63 characters' },
    { reason, field: 'spec.subdomain', message: 'must be at most 30 characters' },
    { reason, field: 'spec.ownerEmail', message: 'is no e-mail address' },
    { reason, field: 'spec.aliases[1]', message: 'is already taken' },
    { reason, field: 'spec.settings.currency', message: 'is unknown' },
  ]
  const told = inWordsOfCreate(new StatusError('Invalid', 'X "a" is invalid: […]', { causes }))
  expect(told.message).toBe('X "a" is invalid')
  expect(told.details.causes?.map(({ field, message }) => `${field}: ${message}`)).toEqual([
    'NAME: must be at most 30 characters',
    '--owner: is no e-mail address',
    '--alias: is already taken',
    '--currency: is unknown',
  ])
})
