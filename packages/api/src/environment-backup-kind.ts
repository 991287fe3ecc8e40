import { notFound } from './cause.ts'
import { readyColumn, syncedColumn } from './condition-column.ts'
import { environmentBackupSpec, environmentBackupStatus } from './environment-backup.ts'
import { fieldColumn } from './field-column.ts'
import { apiVersion } from './group.ts'
import type { Admission, KindDefinition } from './kind.ts'
import { ownKind } from './own-kind.ts'
import { textAt } from './record.ts'

const columns = [
  fieldColumn({ name: 'Environment', path: 'spec.environment', description: 'What is backed up.' }),
  fieldColumn({ name: 'Kind', path: 'spec.kind', description: 'daily, manual or insurance.' }),
  fieldColumn({ name: 'Timestamp', path: 'status.timestamp', description: 'Time in the names.' }),
  fieldColumn({
    name: 'Size',
    path: 'status.sizeBytes',
    type: 'integer',
    description: 'Bytes of all objects.',
    wide: true,
  }),
  syncedColumn,
  readyColumn,
]

const admission: Admission = {
  requires: (backup) => ({
    environment: {
      apiVersion,
      kind: 'TenantEnvironment',
      name: textAt(backup, 'spec.environment') ?? '',
    },
  }),
  validate: (_backup, old, { environment = [] }) =>
    old === undefined && environment.length === 0
      ? [notFound('spec.environment', 'must be an existing TenantEnvironment')]
      : [],
}

export function environmentBackupKind(): KindDefinition {
  return ownKind({
    kind: 'EnvironmentBackup',
    plural: 'environmentbackups',
    singular: 'environmentbackup',
    shortNames: ['backup', 'backups'],
    description: 'One backup of an environment: dump and filestore.',
    spec: environmentBackupSpec,
    status: environmentBackupStatus,
    columns,
    immutable: ['spec'],
    selectableFields: ['spec.environment', 'spec.kind'],
    rules: () => [],
    admission,
  })
}
