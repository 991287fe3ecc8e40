/**
 * What one resource of ours means in Kubernetes objects. It exists so that the same functions run inside Crossplane
 * and inside the machine's engine, and so that a golden file can show the whole result. It may do nothing but
 * compute: no clock, randomness, environment or I/O; same input, byte-equal output.
 */
export { composeClient, retainDaysAnnotation } from './client.ts'
export { composedKinds } from './composed-kinds.ts'
export { composeEnvironment } from './environment.ts'
export { informing, lostReason } from './environment-conditions.ts'
export { environmentTeardown, type TeardownStep } from './environment-teardown.ts'
export { fixedNames, ports, protectFinalizer } from './fixed-names.ts'
export { standInRevision } from './foreign-template.ts'
export { forkedConditionOf, parentStarting } from './forked.ts'
export { labelKeys, poolSelector } from './labels.ts'
export { canonicalHostAnnotation } from './make-http-route.ts'
export { finalExitCode, makeTaskJob, type TaskJob } from './make-task-job.ts'
export { composeNothingYet } from './not-yet-carried-out.ts'
export { odooImage, type Parameters, urlOf, type VolumeAccessMode } from './parameters.ts'
export { composePool, makePool, type Pool } from './pool.ts'
export { retryOf } from './step.ts'
export {
  type ClaimArgs,
  type DropArgs,
  type PoolRoleArgs,
  type TaskName,
  type TemplateArgs,
  taskArgs,
} from './task-args.ts'
export { composeTemplateSnapshot, templateFactsName } from './template-snapshot.ts'
export { editionOfTier, type Size, sizes } from './tiers.ts'
