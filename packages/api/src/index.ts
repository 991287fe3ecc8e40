/**
 * The one source of every kind, name, event type and problem of Pulse. It exists so that server, command,
 * browser and generated documents agree. It does no I/O, knows no clock and imports nothing of ours.
 */

export { idleKeeping, misspeltAnnotations } from './annotation-rules.ts'
export { chosenPods } from './built-in/chosen-pods.ts'
export { parseQuantity } from './built-in/quantity.ts'
export {
  type ClusterRole,
  type ClusterRoleBinding,
  type ConfigMap,
  type Container,
  type CronJob,
  type Deployment,
  type EndpointSlice,
  type Event,
  type HorizontalPodAutoscaler,
  type HTTPRoute,
  isKind,
  type Job,
  type KindTypes,
  type Lease,
  type LimitRange,
  type Namespace,
  type NetworkPolicy,
  type Node,
  type PersistentVolumeClaim,
  type Pod,
  type PodDisruptionBudget,
  type PodSpec,
  type PodTemplateSpec,
  type Probe,
  type ReplicaSet,
  type ResourceQuota,
  type Role,
  type RoleBinding,
  type Secret,
  type Service,
  type ServiceAccount,
} from './built-in/types.ts'
export type { Cause } from './cause.ts'
export { taken } from './cause.ts'
export type {
  Compose,
  ComposedEvent,
  ComposeInput,
  ComposeOutput,
  Readiness,
  Requirement,
} from './composition.ts'
export { conditionStatus } from './condition-column.ts'
export { type CronTimes, parseCronTimes } from './cron-syntax.ts'
export { parseDomains } from './domains.ts'
export { parseDurationSeconds } from './durations.ts'
export { type Entitlements, entitlements } from './entitlements.ts'
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
export { type EventType, eventSource, eventTypes } from './event-types.ts'
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
export { teardownFinalizer } from './finalizer.ts'
export { apiGroup, apiGroupVersion, apiVersion } from './group.ts'
export type {
  Admission,
  KindDefinition,
  ListType,
  PrintColumn,
  ScalePaths,
  UniqueName,
} from './kind.ts'
export { defaultKindOptions, type KindOptions } from './kind-options.ts'
export type { Log } from './log.ts'
export {
  askAnnotations,
  backendSecret,
  claimDatabaseName,
  clientLabel,
  type Domains,
  type EnvironmentIdentity,
  type EnvironmentNames,
  environmentLabel,
  environmentNamePattern,
  environmentNames,
  environmentResourceName,
  environmentsOfLabel,
  forkedAnnotation,
  jobName,
  lifeAnnotation,
  machineDomains,
  maxDomainLength,
  maxEnvironmentNameLength,
  maxNameBytes,
  maxSubdomainLength,
  type OdooMajor,
  odooMajors,
  ownerSessionName,
  type PlaceNames,
  parseEnvironmentResourceName,
  poolNames,
  retryAnnotation,
  slugLabel,
  standbyName,
  subdomainPattern,
  supportRoomName,
  taskNamespace,
  templateDatabaseName,
  templateSnapshotName,
  tombstoneDatabaseName,
  unfinishedDatabaseName,
} from './names.ts'
export { editDistance, nearest } from './nearest.ts'
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
  refOfKey,
} from './object.ts'
export { objectMetaSchema } from './object-meta-schema.ts'
export { openApiDocument, openApiName } from './open-api.ts'
export { plainLine } from './plain-line.ts'
export type { PLANAClient, PlanaClientSpec, PlanaClientStatus } from './plana-client.ts'
export { upgradeVerified } from './plana-client-admission.ts'
export { Problem, type ProblemType } from './problem.ts'
export {
  mustProblemType,
  type ProblemSlug,
  problemBaseUri,
  problemTypes,
  problemTypeUri,
} from './problems.ts'
export {
  isRecord,
  listAt,
  numberAt,
  recordAt,
  recordOf,
  sameValue,
  textAt,
  type UnknownRecord,
  valueAt,
} from './record.ts'
export {
  apiVersionOf,
  createClientKinds,
  createKinds,
  type KindRegistry,
  ownKinds,
} from './registry.ts'
export { defaultReservedLabels } from './reserved-labels.ts'
export { isOfStandIn } from './stand-in-version.ts'
export {
  hasReason,
  type StatusDetails,
  StatusError,
  type StatusReason,
  statusReasons,
} from './status-error.ts'
export { stoppedReason } from './stopped-reason.ts'
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
export { isTimeZone } from './time-zone.ts'
export { findUnknownFields, pruneUnknownFields, type UnknownField } from './unknown-fields.ts'
export { findWrongTypes, type WrongType } from './wrong-types.ts'
export { compositeResourceDefinition, compositeResourceDefinitionYaml } from './xrd.ts'
