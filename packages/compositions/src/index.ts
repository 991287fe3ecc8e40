/**
 * What one resource of ours means in Kubernetes objects. It exists so that the same functions run inside Crossplane
 * and inside the machine's engine, and so that a golden file can show the whole result. It may do nothing but
 * compute: no clock, randomness, environment or I/O; same input, byte-equal output.
 */
export { odooImage, type Parameters, urlOf, type VolumeAccessMode } from './parameters.ts'
export {
  type ClaimArgs,
  type DropArgs,
  type PoolRoleArgs,
  type TaskName,
  type TemplateArgs,
  taskArgs,
} from './task-args.ts'
export { editionOfTier, type Size, sizes } from './tiers.ts'
