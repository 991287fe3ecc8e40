import { type Domains, machineDomains } from './names.ts'
import { defaultReservedLabels } from './reserved-labels.ts'

/** What rules need of the configuration; given by the caller, because nothing here reads an environment. */
export interface KindOptions {
  readonly domains: Domains
  readonly reservedLabels: readonly string[]
}

export const defaultKindOptions: KindOptions = {
  domains: machineDomains,
  reservedLabels: defaultReservedLabels,
}
