import { type Cause, invalid, required } from './cause.ts'
import type { KubeObject } from './object.ts'
import { isRecord } from './record.ts'

/** What a kind's names may look like. */
export type NameRule = 'label' | 'subdomain' | 'path'

const rules: Readonly<Record<NameRule, { readonly pattern: RegExp; readonly message: string }>> = {
  label: {
    pattern: /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    message:
      'must be at most 63 lower-case letters, digits and "-", beginning and ending with a letter or digit',
  },
  subdomain: {
    pattern: /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
    message:
      'must be at most 253 lower-case letters, digits, "-" and ".", each part beginning and ending with a letter or digit',
  },
  path: { pattern: /^(?!\.{1,2}$)[^/%]{1,253}$/, message: 'must not hold "/" or "%"' },
}

const qualifiedName =
  /^(?:(?=[^/]{1,253}\/)[a-z0-9]([a-z0-9.-]*[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/
const labelValue = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/
/** As in Kubernetes: keys and values of all annotations together. */
const maxAnnotationBytes = 256 * 1024

/** The rules of Kubernetes for names, labels, annotations and finalizers. */
export function metadataCauses(object: KubeObject, rule: NameRule): readonly Cause[] {
  const metadata: unknown = object.metadata
  if (!isRecord(metadata)) return [required('metadata')]
  return [
    ...nameCauses(metadata.name, rule),
    ...labelCauses(metadata.labels),
    ...annotationCauses(metadata.annotations),
    ...finalizerCauses(metadata.finalizers),
  ]
}

function nameCauses(name: unknown, rule: NameRule): readonly Cause[] {
  if (name === undefined || name === '') return [required('metadata.name')]
  if (typeof name === 'string' && rules[rule].pattern.test(name)) return []
  return [invalid('metadata.name', rules[rule].message)]
}

function labelCauses(labels: unknown): readonly Cause[] {
  if (labels === undefined) return []
  if (!isRecord(labels)) return [invalid('metadata.labels', 'must be a map')]
  return Object.entries(labels).flatMap(([key, value]) => {
    const field = `metadata.labels[${key}]`
    if (!qualifiedName.test(key)) return [invalid(field, 'must be a qualified name')]
    if (typeof value === 'string' && labelValue.test(value)) return []
    return [invalid(field, 'must be at most 63 letters, digits, "-", "_" and "."')]
  })
}

function annotationCauses(annotations: unknown): readonly Cause[] {
  if (annotations === undefined) return []
  if (!isRecord(annotations)) return [invalid('metadata.annotations', 'must be a map')]
  const entries = Object.entries(annotations)
  const size = entries.reduce((sum, [key, value]) => sum + key.length + String(value).length, 0)
  const tooLong = size > maxAnnotationBytes
  return [
    ...(tooLong ? [invalid('metadata.annotations', 'must be at most 256 KiB in all')] : []),
    ...entries.flatMap(([key, value]) => {
      const field = `metadata.annotations[${key}]`
      // Of annotations, unlike labels, even the domain may be in capitals.
      if (!qualifiedName.test(key.toLowerCase())) {
        return [invalid(field, 'must be a qualified name')]
      }
      return typeof value === 'string' ? [] : [invalid(field, 'must be a string')]
    }),
  ]
}

function finalizerCauses(finalizers: unknown): readonly Cause[] {
  if (finalizers === undefined) return []
  if (!Array.isArray(finalizers)) return [invalid('metadata.finalizers', 'must be a list')]
  return finalizers.flatMap((name: unknown, index) =>
    typeof name === 'string' && qualifiedName.test(name)
      ? []
      : [invalid(`metadata.finalizers[${index}]`, 'must be a qualified name')],
  )
}
