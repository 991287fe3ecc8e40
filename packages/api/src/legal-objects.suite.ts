/** Objects that every rule allows, for tests to spoil one thing at a time. */
import { apiVersion } from './group.ts'
import type { KindDefinition } from './kind.ts'
import type { KubeObject } from './object.ts'
import { ownKinds } from './registry.ts'

const specs: Readonly<Record<string, { readonly name: string; readonly spec: object }>> = {
  PLANAClient: {
    name: 'acme',
    spec: { subdomain: 'acme', projectId: 23, ownerEmail: 'ceo@acme.bg', ownerName: 'Acme Corp' },
  },
  TenantEnvironment: { name: 'acme-test', spec: { client: 'acme', name: 'test' } },
  EnvironmentBackup: { name: 'acme-now', spec: { environment: 'acme-prod' } },
  EnvironmentRestore: {
    name: 'acme-back',
    spec: { environment: 'acme-prod', target: 'staging' },
  },
  TenantUpgrade: {
    name: 'acme-2026-05-29',
    spec: { slug: 'acme', fromVersion: '18', toVersion: '18', strategy: 'same-major' },
  },
  TemplateSnapshot: { name: 'basic-18', spec: { edition: 'basic', odooVersion: '18' } },
}

export const ourKinds = ownKinds()

export function ourKind(name: string): KindDefinition {
  const found = ourKinds.find(({ kind }) => kind === name)
  if (found === undefined) throw new Error(`no kind ${name}`)
  return found
}

/** As a person would write it: only what is required, plus `spec`. */
export function written(kind: string, spec: object = {}, name?: string): KubeObject {
  const legal = specs[kind]
  if (legal === undefined) throw new Error(`no legal ${kind}`)
  return {
    apiVersion,
    kind,
    metadata: { name: name ?? legal.name },
    // As JSON: what is undefined is not there.
    spec: JSON.parse(JSON.stringify({ ...legal.spec, ...spec })),
  }
}

/** As it is stored. */
export function stored(kind: string, spec: object = {}, name?: string): KubeObject {
  return ourKind(kind).setDefaults(written(kind, spec, name))
}

/** `field: message` of each cause, in order. */
export function refusals(
  kind: string,
  object: KubeObject,
  old?: KubeObject,
  now?: string,
): readonly string[] {
  return ourKind(kind)
    .validate(object, old, now)
    .map(({ field, message }) => `${field}: ${message}`)
}

/** Fields that the rules about other objects refuse. */
export function admissionRefusals(
  kind: string,
  object: KubeObject,
  required: Readonly<Record<string, readonly KubeObject[]>>,
  old?: KubeObject,
): readonly string[] {
  const causes = ourKind(kind).admission?.validate(object, old, required) ?? []
  return causes.map(({ field, message }) => `${field}: ${message}`)
}

/** The object as it looks while it is being deleted. */
export function deleting(object: KubeObject): KubeObject {
  return {
    ...object,
    metadata: { ...object.metadata, deletionTimestamp: '2026-11-21T12:00:00Z' },
  }
}
