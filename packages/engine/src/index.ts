/**
 * The engine: the store of resources, the composite loop and, for one machine, what a kubelet and the controllers of
 * a cluster do. It takes compositions and the task runner as parameters and knows neither Odoo nor a tenant.
 */
export type {
  ApplyOptions,
  DeleteOptions,
  KindLookup,
  ListQuery,
  ListResult,
  Objects,
  Patch,
  SubresourceOptions,
  WatchEvent,
  WatchQuery,
  WriteOptions,
} from './objects.ts'
