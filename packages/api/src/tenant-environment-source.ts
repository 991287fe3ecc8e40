import { type Cause, invalid, required } from './cause.ts'
import { parseEnvironmentResourceName } from './names.ts'
import type { KubeObject } from './object.ts'
import { recordAt, textAt, valueAt } from './record.ts'

/** Rules for what an environment's database is made from. */
export function sourceCauses(object: KubeObject): readonly Cause[] {
  const source = recordAt(object, 'spec.source')
  if (source === undefined) return []
  const given = ['template', 'backup', 'environment'].filter((name) => source[name] !== undefined)
  if (given.length === 0) {
    return [required('spec.source', 'must have one of template, backup and environment')]
  }
  if (given.length > 1) {
    return [invalid('spec.source', `must have only one of ${given.join(' and ')}`)]
  }
  return [...foreignSource(object), ...unneutralisedCopy(object)]
}

/** The TenantEnvironment whose data is copied, with the field that names it. */
export function copiedEnvironment(
  object: KubeObject,
): { readonly field: string; readonly name: string } | undefined {
  for (const field of ['spec.source.environment.name', 'spec.source.backup.environment']) {
    const name = textAt(object, field)
    if (name !== undefined) return { field, name }
  }
  return undefined
}

/** No customer's data ever becomes another's. */
function foreignSource(object: KubeObject): readonly Cause[] {
  const copied = copiedEnvironment(object)
  const client = textAt(object, 'spec.client')
  if (copied === undefined || client === undefined) return []
  if (copied.name === object.metadata.name && copied.field === 'spec.source.environment.name') {
    return [invalid(copied.field, 'must be another environment')]
  }
  return parseEnvironmentResourceName(copied.name)?.client === client
    ? []
    : [invalid(copied.field, `must be an environment of client "${client}"`)]
}

/** Copies have sent real mail and charged real cards (decision D12). */
function unneutralisedCopy(object: KubeObject): readonly Cause[] {
  const bare = copiedEnvironment(object) !== undefined && !valueAt(object, 'spec.neutralise')
  return bare && textAt(object, 'spec.name') !== 'prod'
    ? [invalid('spec.neutralise', 'must be true for a copy')]
    : []
}
