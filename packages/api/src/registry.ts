import { accessKinds } from './built-in/access-kinds.ts'
import { builtInKind } from './built-in/built-in-kind.ts'
import { coreKinds } from './built-in/core-kinds.ts'
import { networkKinds } from './built-in/network-kinds.ts'
import { workloadKinds } from './built-in/workload-kinds.ts'
import { environmentBackupKind } from './environment-backup-kind.ts'
import { environmentRestoreKind } from './environment-restore-kind.ts'
import type { KindDefinition } from './kind.ts'
import { defaultKindOptions, type KindOptions } from './kind-options.ts'
import { nearest } from './nearest.ts'
import { planaClientKind } from './plana-client-kind.ts'
import { StatusError } from './status-error.ts'
import { templateSnapshotKind } from './template-snapshot-kind.ts'
import { tenantEnvironmentKind } from './tenant-environment-kind.ts'
import { tenantUpgradeKind } from './tenant-upgrade-kind.ts'

/** Every kind that is served, and how to find one. */
export interface KindRegistry {
  readonly kinds: readonly KindDefinition[]
  /** Refuses an unknown kind with 404. */
  readonly findKind: (apiVersion: string, kind: string) => KindDefinition
  /** By the parts of a URL: `apps`, `v1`, `deployments`. */
  readonly findResource: (
    group: string,
    version: string,
    plural: string,
  ) => KindDefinition | undefined
}

/**
 * The registry by this configuration. It is asynchronous because the official schemas weigh a good part of a second,
 * which only those pay who check objects.
 */
export async function createKinds(options: Partial<KindOptions> = {}): Promise<KindRegistry> {
  const [{ officialCheck }, { officialSchema }] = await Promise.all([
    import('./built-in/checks.ts'),
    import('./built-in/official-schema.ts'),
  ])
  const builtIn = builtInKinds.map((kind) =>
    builtInKind(kind, {
      check: officialCheck(apiVersionOf(kind), kind.kind),
      schema: () => officialSchema(kind),
    }),
  )
  return registryOf([...ownKinds(options), ...builtIn])
}

/** The registry without the official schemas: for clients, which leave the checking to the server. */
export function createClientKinds(): KindRegistry {
  return registryOf([...ownKinds(), ...builtInKinds.map((kind) => builtInKind(kind))])
}

const builtInKinds = [...coreKinds, ...workloadKinds, ...networkKinds, ...accessKinds]

/** Our six kinds alone, at once: for generators and for tables. */
export function ownKinds(options: Partial<KindOptions> = {}): readonly KindDefinition[] {
  const complete = { ...defaultKindOptions, ...options }
  return [
    planaClientKind(complete),
    tenantEnvironmentKind(complete),
    environmentBackupKind(),
    environmentRestoreKind(),
    tenantUpgradeKind(),
    templateSnapshotKind(complete),
  ]
}

/** `apps/v1`, `v1` for the core group. */
export function apiVersionOf({
  group,
  version,
}: {
  readonly group: string
  readonly version: string
}): string {
  return group === '' ? version : `${group}/${version}`
}

function registryOf(kinds: readonly KindDefinition[]): KindRegistry {
  const byKind = new Map(kinds.map((kind) => [`${apiVersionOf(kind)}/${kind.kind}`, kind]))
  const byPlural = new Map(kinds.map((kind) => [`${apiVersionOf(kind)}/${kind.plural}`, kind]))
  return {
    kinds,
    findKind: (apiVersion, kind) => {
      const found = byKind.get(`${apiVersion}/${kind}`)
      if (found !== undefined) return found
      const served = kinds.filter((definition) => apiVersionOf(definition) === apiVersion)
      const guess = nearest(
        kind,
        served.map((definition) => definition.kind),
      )
      const question = guess === undefined ? '' : `; did you mean ${guess}?`
      throw new StatusError('NotFound', `there is no kind ${kind} in ${apiVersion}${question}`)
    },
    findResource: (group, version, plural) =>
      byPlural.get(`${apiVersionOf({ group, version })}/${plural}`),
  }
}
