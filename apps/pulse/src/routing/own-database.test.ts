import { expect, test } from 'vitest'
import { createOwnDatabases } from './own-database.ts'

const environment = (uid: string) => ({
  apiVersion: 'planapulse.com/v1alpha1',
  kind: 'TenantEnvironment',
  metadata: { name: 'acme-prod', uid },
})

test('an environment that is deleted and made again under its name is another one', () => {
  const databases = createOwnDatabases()
  expect(databases.isAnother(environment('1'), false)).toBe(false)
  expect(databases.isAnother(environment('1'), false)).toBe(false)
  expect(databases.isAnother(environment('2'), false)).toBe(true)
  expect(databases.isAnother(environment('2'), true)).toBe(true)
})
