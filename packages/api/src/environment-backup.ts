/** One backup of one environment: taken once, never changed. */
import Type from 'typebox'
import { type DeepReadonly, environmentResource, oneOf } from './fields.ts'
import type { apiVersion } from './group.ts'
import type { KubeObject } from './object.ts'
import { statusFields } from './status-fields.ts'

export const environmentBackupSpec = Type.Object(
  {
    environment: environmentResource('TenantEnvironment to back up.'),
    kind: oneOf(['daily', 'manual', 'insurance'], {
      description: 'Why it is taken; decides how long it is kept.',
      default: 'manual',
    }),
  },
  { additionalProperties: false },
)

const storedObject = Type.Object(
  {
    key: Type.String({ description: 'Name in the object store.' }),
    sizeBytes: Type.Integer({ minimum: 0, description: 'Its size.' }),
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'Its checksum.' }),
  },
  { additionalProperties: false },
)

export const environmentBackupStatus = Type.Object(
  {
    ...statusFields,
    timestamp: Type.Optional(Type.String({ description: '`YYYYMMDDTHHMMSS`, as in the names.' })),
    completedAt: Type.Optional(
      Type.String({ format: 'date-time', description: 'When it was complete.' }),
    ),
    objects: Type.Optional(
      Type.Array(storedObject, { description: 'What is kept in the object store.' }),
    ),
    sizeBytes: Type.Optional(Type.Integer({ minimum: 0, description: 'Size of all of it.' })),
  },
  { additionalProperties: false },
)

export type EnvironmentBackupSpec = DeepReadonly<Type.Static<typeof environmentBackupSpec>>
export type EnvironmentBackupStatus = DeepReadonly<Type.Static<typeof environmentBackupStatus>>

/** As stored, with every default filled in. */
export interface EnvironmentBackup extends KubeObject {
  readonly apiVersion: typeof apiVersion
  readonly kind: 'EnvironmentBackup'
  readonly spec: EnvironmentBackupSpec
  readonly status?: EnvironmentBackupStatus
}
