import {
  apiVersion,
  isOfStandIn,
  type Requirement,
  recordOf,
  templateSnapshotName,
} from '@pulse/api'
import { conditionOf, isTrue, statusOf } from './condition.ts'
import type { EnvironmentInput, Tenancy } from './tenancy.ts'

/** Its template, until it is made from that; of interest only where the stand-in may have made it. */
export function templateRequirement({
  resource,
  parameters,
}: EnvironmentInput): Readonly<Record<string, Requirement>> {
  const { source, odooVersion } = resource.spec
  const isMade = 'claim' in recordOf(statusOf(resource).steps)
  if (isMade || parameters.standInMajors === undefined || source.template === undefined) return {}
  const name = templateSnapshotName(source.template.edition, odooVersion)
  return { template: { apiVersion, kind: 'TemplateSnapshot', name } }
}

/**
 * Why nothing can be cloned yet: after `pulse runtime add` the stand-in's template still stands, which Odoo cannot
 * open. Pulse makes its own templates anew by itself; one that somebody else has asked for stays as it is.
 */
export function foreignTemplate({
  environment,
  template,
  parameters,
}: Tenancy): { readonly reason: string; readonly message: string } | undefined {
  const major = environment.spec.odooVersion
  if (template === undefined || parameters.standInMajors?.includes(major)) return undefined
  if (!isOfStandIn(statusOf(template).installedVersion)) return undefined
  const { name } = template.metadata
  const made = `the stand-in made template ${name}, which Odoo cannot open`
  const built = conditionOf(template, 'DatabaseReady')
  if (built?.reason === 'BuildFailed') {
    const message = `${made}, and it was not made anew: ${built.message ?? ''}`
    return { reason: 'TemplateFailed', message }
  }
  const isOfPulse = recordOf(template.spec).rev === standInRevision
  if (isTrue(template, 'DatabaseReady') && !isOfPulse) {
    return { reason: 'TemplateMadeByStandIn', message: `${made}: give it another spec.rev` }
  }
  return {
    reason: 'TemplateBuilding',
    message: `${made}: it is being made anew, and is waited for`,
  }
}

/** Revision of the templates that Pulse lets the stand-in make. */
export const standInRevision = 'stand-in'
