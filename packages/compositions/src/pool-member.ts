import { aliasRoute, type Composed, claimJob, claimObjects } from './environment-objects.ts'
import { hasRuntime, isUnderWay, type Tenancy } from './tenancy.ts'

/**
 * An environment among the shared workers of its Odoo major: a database that the pool's role owns, and a folder in the
 * pool's filestore. The pool's Deployment stands for all that has to be there first: its namespace, volume and role.
 */
export function poolMemberObjects(tenancy: Tenancy): Composed {
  const hasPool = hasRuntime(tenancy) && tenancy.workers.deployment !== undefined
  if (!hasPool && !isUnderWay(tenancy)) return {}
  return {
    ...claimObjects(tenancy),
    ...claimJob(tenancy, hasPool),
    ...aliasRoute(tenancy),
  }
}
