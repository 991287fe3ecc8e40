/** The return of a backup: beside the environment as a new one, or in its place. */
import Type from 'typebox'
import {
  backupTime,
  type DeepReadonly,
  environmentName,
  environmentResource,
  oneOf,
} from './fields.ts'
import type { apiVersion } from './group.ts'
import type { KubeObject } from './object.ts'
import { statusFields } from './status-fields.ts'

export const environmentRestoreSpec = Type.Object(
  {
    environment: environmentResource('TenantEnvironment whose backup is restored.'),
    backup: backupTime,
    mode: oneOf(['clone', 'in-place'], {
      description: 'clone makes a new, neutralised environment; in-place replaces the data.',
      default: 'clone',
    }),
    target: Type.Optional(environmentName('Name of the new environment; mode clone only.')),
    acceptDataLoss: Type.Boolean({
      description: 'Must be true for in-place: what was written since the backup is lost.',
      default: false,
    }),
  },
  { additionalProperties: false },
)

export const environmentRestoreStatus = Type.Object(
  {
    ...statusFields,
    timestamp: Type.Optional(Type.String({ description: 'Time of the backup that was restored.' })),
    url: Type.Optional(Type.String({ description: 'Address of the clone.' })),
    insuranceBackup: Type.Optional(
      Type.String({ description: 'EnvironmentBackup that was taken before anything was touched.' }),
    ),
  },
  { additionalProperties: false },
)

export type EnvironmentRestoreSpec = DeepReadonly<Type.Static<typeof environmentRestoreSpec>>
export type EnvironmentRestoreStatus = DeepReadonly<Type.Static<typeof environmentRestoreStatus>>

/** As stored, with every default filled in. */
export interface EnvironmentRestore extends KubeObject {
  readonly apiVersion: typeof apiVersion
  readonly kind: 'EnvironmentRestore'
  readonly spec: EnvironmentRestoreSpec
  readonly status?: EnvironmentRestoreStatus
}
