import { type Cause, forbidden, invalid } from '../cause.ts'
import { immutableCauses } from '../immutable.ts'
import type { KubeObject } from '../object.ts'
import { isRecord, recordAt, sameValue, valueAt } from '../record.ts'

/** As in Kubernetes, for all values together. */
const maxContentBytes = 1024 * 1024
const keyPattern = /^(?!\.{1,2}$)[-._a-zA-Z0-9]{1,253}$/
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** `stringData` is for writers only: it ends up, encoded, in `data`. */
export function secretDefaults(secret: KubeObject): KubeObject {
  const { stringData, ...rest } = secret
  const type = secret.type ?? 'Opaque'
  if (!isRecord(stringData)) return { ...secret, type }
  const encoded = Object.fromEntries(
    Object.entries(stringData).map(([key, text]) => [
      key,
      typeof text === 'string' ? encodeBase64(text) : text,
    ]),
  )
  const data = isRecord(secret.data) ? secret.data : {}
  return {
    ...rest,
    apiVersion: secret.apiVersion,
    kind: secret.kind,
    metadata: secret.metadata,
    type,
    data: { ...data, ...encoded },
  }
}

export function secretRules(secret: KubeObject, old: KubeObject | undefined): readonly Cause[] {
  const data = Object.entries(recordAt(secret, 'data') ?? {})
  const unencoded = data
    .filter(([, value]) => typeof value === 'string' && !base64.test(value))
    .map(([key]) => invalid(`data[${key}]`, 'must be base64; use stringData for plain text'))
  return [
    ...unencoded,
    ...contentCauses(secret, ['data']),
    ...immutableCauses(secret, old, ['type']),
    ...frozenCauses(secret, old),
  ]
}

export function configMapRules(map: KubeObject, old: KubeObject | undefined): readonly Cause[] {
  return [...contentCauses(map, ['data', 'binaryData']), ...frozenCauses(map, old)]
}

function contentCauses(object: KubeObject, fields: readonly string[]): readonly Cause[] {
  const entries = fields.flatMap((field) =>
    Object.entries(recordAt(object, field) ?? {}).map(([key, value]) => ({ field, key, value })),
  )
  const size = entries.reduce((sum, { value }) => sum + byteLength(String(value)), 0)
  const badKeys = entries
    .filter(({ key }) => !keyPattern.test(key))
    .map(({ field, key }) =>
      invalid(`${field}[${key}]`, 'must be a key of letters, digits, "-", "_" and "."'),
    )
  return size > maxContentBytes
    ? [...badKeys, invalid(fields.join(', '), 'must be at most 1 MiB in all')]
    : badKeys
}

/** What has been declared immutable stays so. */
function frozenCauses(object: KubeObject, old: KubeObject | undefined): readonly Cause[] {
  if (valueAt(old, 'immutable') !== true) return []
  const changed = ['data', 'binaryData', 'immutable'].filter(
    (field) => !sameValue(valueAt(object, field) ?? {}, valueAt(old, field) ?? {}),
  )
  return changed.map((field) => forbidden(field, 'is immutable when `immutable` is set'))
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length
}

function encodeBase64(text: string): string {
  const bytes = new TextEncoder().encode(text)
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}
