import { type KubeObject, recordOf } from '@pulse/api'
import { type Fields, listOf, numberOf, textMapOf, textOf, textsOf } from './fields.ts'
import { type Handler, type Probe, parseHandler, parseProbe } from './probe-spec.ts'

/** What the runner reads of a Pod; defaults are Kubernetes' own. */
export interface Pod {
  readonly uid: string
  readonly name: string
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly nodeName: string | undefined
  readonly deleting: { readonly graceSeconds: number } | undefined
  readonly restartPolicy: RestartPolicy
  readonly graceSeconds: number
  readonly activeDeadlineSeconds: number | undefined
  readonly runAsUser: number | undefined
  readonly serviceAccountName: string
  readonly initContainers: readonly Container[]
  readonly containers: readonly Container[]
  readonly volumes: readonly Volume[]
  /** The object as stored: written back with its bookkeeping untouched. */
  readonly object: KubeObject
}

export type RestartPolicy = 'Always' | 'OnFailure' | 'Never'

export interface Container {
  readonly name: string
  readonly image: string
  readonly command: readonly string[]
  readonly args: readonly string[]
  readonly workingDir: string | undefined
  readonly env: readonly EnvEntry[]
  readonly envFrom: readonly EnvSource[]
  readonly ports: readonly Port[]
  readonly mounts: readonly Mount[]
  readonly limits: Readonly<Record<string, string>>
  readonly requests: Readonly<Record<string, string>>
  readonly runAsUser: number | undefined
  readonly startupProbe: Probe | undefined
  readonly readinessProbe: Probe | undefined
  readonly livenessProbe: Probe | undefined
  readonly preStop: Handler | undefined
}

export interface Port {
  readonly name: string | undefined
  readonly containerPort: number
}

export interface Mount {
  readonly name: string
  readonly mountPath: string
  readonly subPath: string
  readonly readOnly: boolean
}

export type EnvEntry =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly secret: KeyRef }
  | { readonly name: string; readonly configMap: KeyRef }
  | { readonly name: string; readonly fieldPath: string }
  | { readonly name: string; readonly resource: string; readonly containerName: string | undefined }

export interface KeyRef {
  readonly name: string
  readonly key: string
  readonly optional: boolean
}

export interface EnvSource {
  readonly kind: 'Secret' | 'ConfigMap'
  readonly name: string
  readonly optional: boolean
  readonly prefix: string
}

export interface KeyPath {
  readonly key: string
  readonly path: string
}

export type Volume = { readonly name: string } & (
  | {
      readonly type: 'configMap' | 'secret'
      readonly source: string
      readonly optional: boolean
      readonly items: readonly KeyPath[]
      readonly mode: number
    }
  | { readonly type: 'emptyDir' }
  | { readonly type: 'claim'; readonly claim: string; readonly readOnly: boolean }
  | { readonly type: 'unsupported'; readonly given: string }
)

/** Reads a Pod as the store gives it. */
export function parsePod(object: KubeObject): Pod {
  const { metadata } = object
  const spec = recordOf(object.spec)
  const graceSeconds = numberOf(spec.terminationGracePeriodSeconds) ?? 30
  return {
    uid: metadata.uid ?? '',
    name: metadata.name,
    namespace: metadata.namespace ?? 'default',
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    nodeName: textOf(spec.nodeName),
    // A store that knows no grace writes 0; the Pod's own counts then.
    deleting:
      metadata.deletionTimestamp === undefined
        ? undefined
        : { graceSeconds: metadata.deletionGracePeriodSeconds || graceSeconds },
    restartPolicy: restartPolicyOf(spec.restartPolicy),
    graceSeconds,
    activeDeadlineSeconds: numberOf(spec.activeDeadlineSeconds),
    runAsUser: numberOf(recordOf(spec.securityContext).runAsUser),
    serviceAccountName: textOf(spec.serviceAccountName) ?? 'default',
    initContainers: listOf(spec.initContainers).map(parseContainer),
    containers: listOf(spec.containers).map(parseContainer),
    volumes: listOf(spec.volumes).map(parseVolume),
    object,
  }
}

function restartPolicyOf(value: unknown): RestartPolicy {
  return value === 'Never' || value === 'OnFailure' ? value : 'Always'
}

function parseContainer(fields: Fields): Container {
  const resources = recordOf(fields.resources)
  const limits = textMapOf(resources.limits)
  const preStop = recordOf(fields.lifecycle).preStop
  return {
    name: textOf(fields.name) ?? '',
    image: textOf(fields.image) ?? '',
    command: textsOf(fields.command),
    args: textsOf(fields.args),
    workingDir: textOf(fields.workingDir),
    env: listOf(fields.env).map(parseEnv),
    envFrom: listOf(fields.envFrom).flatMap(parseEnvFrom),
    ports: listOf(fields.ports).map((port) => ({
      name: textOf(port.name),
      containerPort: numberOf(port.containerPort) ?? 0,
    })),
    mounts: listOf(fields.volumeMounts).map((mount) => ({
      name: textOf(mount.name) ?? '',
      mountPath: textOf(mount.mountPath) ?? '',
      subPath: textOf(mount.subPath) ?? '',
      readOnly: mount.readOnly === true,
    })),
    limits,
    requests: { ...limits, ...textMapOf(resources.requests) },
    runAsUser: numberOf(recordOf(fields.securityContext).runAsUser),
    startupProbe: parseProbe(fields.startupProbe),
    readinessProbe: parseProbe(fields.readinessProbe),
    livenessProbe: parseProbe(fields.livenessProbe),
    preStop: parseHandler(preStop),
  }
}

function parseEnv(fields: Fields): EnvEntry {
  const name = textOf(fields.name) ?? ''
  const from = recordOf(fields.valueFrom)
  if (from.secretKeyRef) return { name, secret: parseKeyRef(recordOf(from.secretKeyRef)) }
  if (from.configMapKeyRef) return { name, configMap: parseKeyRef(recordOf(from.configMapKeyRef)) }
  if (from.fieldRef) return { name, fieldPath: textOf(recordOf(from.fieldRef).fieldPath) ?? '' }
  if (!from.resourceFieldRef) return { name, value: textOf(fields.value) ?? '' }
  const { resource, containerName } = recordOf(from.resourceFieldRef)
  return { name, resource: textOf(resource) ?? '', containerName: textOf(containerName) }
}

function parseKeyRef(fields: Fields): KeyRef {
  return {
    name: textOf(fields.name) ?? '',
    key: textOf(fields.key) ?? '',
    optional: fields.optional === true,
  }
}

function parseEnvFrom(fields: Fields): EnvSource[] {
  const prefix = textOf(fields.prefix) ?? ''
  const source = (kind: 'Secret' | 'ConfigMap', reference: Fields): EnvSource => ({
    kind,
    name: textOf(reference.name) ?? '',
    optional: reference.optional === true,
    prefix,
  })
  if (fields.secretRef) return [source('Secret', recordOf(fields.secretRef))]
  return fields.configMapRef ? [source('ConfigMap', recordOf(fields.configMapRef))] : []
}

function parseVolume(fields: Fields): Volume {
  const name = textOf(fields.name) ?? ''
  if (fields.configMap) return { name, ...parseFiles('configMap', recordOf(fields.configMap)) }
  if (fields.secret) return { name, ...parseFiles('secret', recordOf(fields.secret)) }
  if (fields.emptyDir) return { name, type: 'emptyDir' }
  if (fields.persistentVolumeClaim) {
    const { claimName, readOnly } = recordOf(fields.persistentVolumeClaim)
    return { name, type: 'claim', claim: textOf(claimName) ?? '', readOnly: readOnly === true }
  }
  const given = Object.keys(fields).find((key) => key !== 'name') ?? 'nothing'
  return { name, type: 'unsupported', given }
}

/** A secret's files are 0400 unless asked otherwise: here they are plain files of one machine, not of a container. */
function parseFiles(type: 'configMap' | 'secret', fields: Fields) {
  return {
    type,
    source: textOf(type === 'secret' ? fields.secretName : fields.name) ?? '',
    optional: fields.optional === true,
    items: listOf(fields.items).map((item) => ({
      key: textOf(item.key) ?? '',
      path: textOf(item.path) ?? '',
    })),
    mode: numberOf(fields.defaultMode) ?? (type === 'secret' ? 0o400 : 0o444),
  }
}
