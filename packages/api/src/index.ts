/**
 * The one source of every kind, name, event type and problem of Pulse. It exists so that server, command,
 * browser and generated documents agree. It does no I/O, knows no clock and imports nothing of ours.
 */
export type { Cause } from './cause.ts'
export type {
  Compose,
  ComposedEvent,
  ComposeInput,
  ComposeOutput,
  Readiness,
  Requirement,
} from './composition.ts'
export type {
  EnvironmentBackup,
  EnvironmentBackupSpec,
  EnvironmentBackupStatus,
} from './environment-backup.ts'
export type {
  EnvironmentRestore,
  EnvironmentRestoreSpec,
  EnvironmentRestoreStatus,
} from './environment-restore.ts'
export {
  defaultOdooVersion,
  type Edition,
  editions,
  type Hosting,
  hostings,
  type ResourceSize,
  resourceSizes,
  type Tier,
  tiers,
} from './fields.ts'
export { apiGroup, apiGroupVersion, apiVersion } from './group.ts'
export type {
  Admission,
  KindDefinition,
  ListType,
  PrintColumn,
  ScalePaths,
  UniqueName,
} from './kind.ts'
export type { Log } from './log.ts'
export {
  claimDatabaseName,
  type Domains,
  type EnvironmentIdentity,
  type EnvironmentNames,
  environmentLabel,
  environmentNamePattern,
  environmentNames,
  jobName,
  maxDomainLength,
  maxEnvironmentNameLength,
  maxNameBytes,
  maxSubdomainLength,
  type OdooMajor,
  odooMajors,
  type PlaceNames,
  poolNames,
  subdomainPattern,
  supportRoomName,
  taskNamespace,
  templateDatabaseName,
  tombstoneDatabaseName,
} from './names.ts'
export {
  type Condition,
  type ConditionStatus,
  type KubeObject,
  keyOf,
  type ManagedFieldsEntry,
  type ObjectMeta,
  type ObjectRef,
  type OwnerReference,
  refOf,
} from './object.ts'
export type { PLANAClient, PlanaClientSpec, PlanaClientStatus } from './plana-client.ts'
export { Problem, type ProblemType } from './problem.ts'
export {
  hasReason,
  type StatusDetails,
  StatusError,
  type StatusReason,
  statusReasons,
} from './status-error.ts'
export type {
  TemplateSnapshot,
  TemplateSnapshotSpec,
  TemplateSnapshotStatus,
} from './template-snapshot.ts'
export type {
  TenantEnvironment,
  TenantEnvironmentSpec,
  TenantEnvironmentStatus,
} from './tenant-environment.ts'
export type { TenantUpgrade, TenantUpgradeSpec, TenantUpgradeStatus } from './tenant-upgrade.ts'
