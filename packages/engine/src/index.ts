/**
 * The engine: the store of resources, the composite loop and, for one machine, what a kubelet and the controllers of
 * a cluster do. It takes compositions and the task runner as parameters and knows neither Odoo nor a tenant.
 */

export {
  createObjectsClient,
  type ObjectsClient,
  type ObjectsClientOptions,
  type PodLogQuery,
} from './client/objects-client.ts'
export { type Clock, systemClock } from './clock.ts'
export {
  type CompositeOptions,
  compositeController,
  type PoolOptions,
  poolController,
} from './composite-controller.ts'
export {
  type Controller,
  type ControllerRuntime,
  type RunningControllers,
  runControllers,
  type Watch,
} from './controller.ts'
export type { ControllerObserver } from './controller-observer.ts'
export { createEventRecorder, type EventNote, type EventRecorder } from './events.ts'
export { type TokenUser, tokenAuthentication } from './face/authentication.ts'
export type { LogRequest, OpenLog, User } from './face/call.ts'
export { createFace, type Face, type FaceOptions } from './face/face.ts'
export { createHealth, type Health, type HealthCheck } from './face/health.ts'
export { type GarbageCollectorOptions, runGarbageCollector } from './garbage-collector.ts'
export { chooseLoopback, type Loopback, loopbackOf } from './machine/loopback.ts'
export { type MachineControllerOptions, machineControllers } from './machine/machine-controllers.ts'
export { type UidRange, uidAnnotation } from './machine/namespace-uid.ts'
export { announceNode, type NodeOptions } from './machine/node.ts'
export { claimFoldersIn } from './machine/pod-runner/claim-folders.ts'
export type { Image, Images, TaskExecutor } from './machine/pod-runner/context.ts'
export { createFirewall, type Firewall, noFirewall } from './machine/pod-runner/firewall.ts'
export type {
  ForkProblem,
  ForkServer,
} from './machine/pod-runner/fork-server.ts'
export { isPodRunning, podsRunning } from './machine/pod-runner/is-pod-running.ts'
export {
  detectIsolation,
  examineIsolation,
  type Isolation,
} from './machine/pod-runner/isolation.ts'
export type { PodMemory } from './machine/pod-runner/memory-use.ts'
export {
  createPodRunner,
  type PodRunner,
  type PodRunnerOptions,
} from './machine/pod-runner/pod-runner.ts'
export { requestFork } from './machine/pod-runner/request-fork.ts'
export { type StandingPods, standingPods } from './machine/pod-runner/standing-pods.ts'
export type { PodRate, UseRates } from './machine/pod-runner/use-rates.ts'
export { type RecordedKind, recordedKinds } from './machine/recorded-kinds-controller.ts'
export { createVolumeFolders, type VolumeRef, type Volumes } from './machine/volume-folders.ts'
export type {
  ApplyOptions,
  DeleteOptions,
  KindLookup,
  ListQuery,
  ListResult,
  Objects,
  Patch,
  Relations,
  Store,
  SubresourceOptions,
  WatchEvent,
  WatchQuery,
  WriteOptions,
} from './objects.ts'
export { controllerOf, isDeleting } from './ownership.ts'
export { pause } from './pause.ts'
export {
  type RestartableControllers,
  type RestartableOptions,
  runRestartable,
} from './restartable.ts'
export { createMemoryObjects, type MemoryOptions } from './store/memory.ts'
export { createPostgresObjects, type PostgresOptions } from './store/postgres/postgres.ts'
export { openStoreSchema, type StoreSchema } from './store/postgres/store-schema.ts'
export { scaleOf } from './store/scale.ts'
export {
  protectFinalizer,
  type TeardownOptions,
  teardownController,
} from './teardown.ts'
export type { TeardownStep } from './teardown-step.ts'
export { followKind, type KindRef } from './watch-source.ts'
