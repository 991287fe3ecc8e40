import { isRecord, type KindDefinition, type KubeObject } from '@pulse/api'
import { badRequest } from './refusals.ts'

export type LabelRequirement =
  | { readonly operator: 'in' | 'notin'; readonly key: string; readonly values: readonly string[] }
  | { readonly operator: 'exists' | 'absent'; readonly key: string }
  | { readonly operator: '>' | '<'; readonly key: string; readonly bound: number }

export interface FieldRequirement {
  readonly path: readonly string[]
  readonly operator: '=' | '!='
  readonly value: string
}

export interface Selector {
  readonly labels: readonly LabelRequirement[]
  readonly fields: readonly FieldRequirement[]
}

/** Both selectors of a query; a mistake in either is a 400. */
export function parseSelector(
  definition: KindDefinition,
  query: { readonly labelSelector?: string; readonly fieldSelector?: string },
): Selector {
  return {
    labels: parseLabelSelector(query.labelSelector ?? ''),
    fields: parseFieldSelector(definition, query.fieldSelector ?? ''),
  }
}

export function matches(selector: Selector, object: KubeObject): boolean {
  return (
    selector.labels.every((requirement) => matchesLabel(requirement, object.metadata.labels)) &&
    selector.fields.every((requirement) => matchesField(requirement, object))
  )
}

const labelKey = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/
const labelValue = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/

/** Kubernetes' syntax: `a`, `!a`, `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a>1`, `a<1`, joined by commas. */
export function parseLabelSelector(text: string): readonly LabelRequirement[] {
  if (text.trim() === '') return []
  return text.split(/,(?![^(]*\))/).map((part) => parseLabelRequirement(part.trim()))
}

function parseLabelRequirement(text: string): LabelRequirement {
  const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(text)
  if (set !== null) {
    const values = (set[3] ?? '').split(',').map((value) => value.trim())
    return checked({ key: set[1] ?? '', operator: set[2] === 'in' ? 'in' : 'notin', values }, text)
  }
  const equality = /^([^=!\s]+)\s*(==|!=|=)\s*([^=!\s]*)$/.exec(text)
  if (equality !== null) {
    const operator = equality[2] === '!=' ? 'notin' : 'in'
    return checked({ key: equality[1] ?? '', operator, values: [equality[3] ?? ''] }, text)
  }
  const bound = /^([^<>\s]+)\s*([<>])\s*(-?\d{1,15})$/.exec(text)
  if (bound !== null) {
    const operator = bound[2] === '<' ? '<' : '>'
    return checked({ key: bound[1] ?? '', operator, bound: Number(bound[3]) }, text)
  }
  if (text.startsWith('!')) return checked({ key: text.slice(1).trim(), operator: 'absent' }, text)
  return checked({ key: text, operator: 'exists' }, text)
}

function checked(requirement: LabelRequirement, text: string): LabelRequirement {
  const values = 'values' in requirement ? requirement.values : []
  if (!labelKey.test(requirement.key) || !values.every((value) => labelValue.test(value))) {
    throw badRequest(`unable to parse requirement "${text}" of the label selector`)
  }
  return requirement
}

function matchesLabel(requirement: LabelRequirement, labels: KubeObject['metadata']['labels']) {
  const value = labels?.[requirement.key]
  switch (requirement.operator) {
    case 'in':
      return value !== undefined && requirement.values.includes(value)
    case 'notin':
      return value === undefined || !requirement.values.includes(value)
    case 'exists':
      return value !== undefined
    case 'absent':
      return value === undefined
    case '>':
      return isWholeNumber(value) && Number(value) > requirement.bound
    case '<':
      return isWholeNumber(value) && Number(value) < requirement.bound
  }
}

function isWholeNumber(text: string | undefined): boolean {
  return text !== undefined && /^\d{1,15}$/.test(text)
}

const fieldsOfEveryKind = ['metadata.name', 'metadata.namespace']

/** `a.b=c,d!=e`, with `\,`, `\=` and `\\` escaped in values; only fields that the kind names. */
export function parseFieldSelector(
  { selectableFields }: Pick<KindDefinition, 'selectableFields'>,
  text: string,
): readonly FieldRequirement[] {
  if (text.trim() === '') return []
  return splitUnescaped(text, ',').map((part) => {
    const match = /^([^=!\\]+?)(==|!=|=)(.*)$/s.exec(part.trim())
    if (match === null) throw badRequest(`unable to parse "${part}" of the field selector`)
    const [, field = '', operator, value = ''] = match
    if (!fieldsOfEveryKind.includes(field) && !selectableFields.includes(field)) {
      throw badRequest(`field label not supported: ${field}`)
    }
    return {
      path: field.split('.'),
      operator: operator === '!=' ? '!=' : '=',
      value: value.replaceAll(/\\([\\,=])/g, '$1'),
    }
  })
}

function splitUnescaped(text: string, separator: string): string[] {
  const parts = ['']
  for (const [token] of text.matchAll(/\\.|./gs)) {
    if (token === separator) parts.push('')
    else parts[parts.length - 1] += token
  }
  return parts
}

/** An absent field is the empty text, as in Kubernetes. */
function matchesField({ path, operator, value }: FieldRequirement, object: KubeObject): boolean {
  return (fieldText(object, path) === value) === (operator === '=')
}

function fieldText(object: KubeObject, path: readonly string[]): string {
  const value = path.reduce<unknown>(
    (parent, name) => (isRecord(parent) ? parent[name] : undefined),
    object,
  )
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
