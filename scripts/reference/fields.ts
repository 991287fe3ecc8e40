type Unknown = Readonly<Record<string, unknown>>

export interface Field {
  /** `sleep.idleTimeout`, `aliases[]` */
  readonly path: string
  readonly type: string
  readonly required: boolean
  readonly default: string
  /** What the value must be, beyond its type. */
  readonly bounds: string
  readonly description: string
}

/** The fields of an object's schema, nested ones after their parent. */
export function fieldsOf(schema: unknown, prefix = ''): readonly Field[] {
  if (!isObject(schema) || !isObject(schema.properties)) return []
  const required = Array.isArray(schema.required) ? schema.required : []
  return Object.entries(schema.properties).flatMap(([name, property]) => {
    if (!isObject(property)) return []
    const path = `${prefix}${name}`
    const nested = isObject(property.items) ? property.items : property
    const own: Field = {
      path,
      type: typeOf(property),
      required: required.includes(name),
      default: property.default === undefined ? '' : `\`${JSON.stringify(property.default)}\``,
      bounds: boundsOf(property),
      description: typeof property.description === 'string' ? property.description : '',
    }
    return [own, ...fieldsOf(nested, `${path}${nested === property ? '' : '[]'}.`)]
  })
}

function typeOf({ type, items, additionalProperties }: Unknown): string {
  if (isObject(items)) return `list of ${typeOf(items)}`
  if (isObject(additionalProperties)) return `map of ${typeOf(additionalProperties)}`
  return typeof type === 'string' ? type : 'any'
}

function boundsOf(property: Unknown): string {
  const { enum: values, pattern, minimum, maximum, maxLength, format } = property
  const range = [minimum, maximum].some((bound) => bound !== undefined)
  const parts = [
    ...(Array.isArray(values) ? [values.map((value) => `\`${value}\``).join(' ')] : []),
    ...(pattern === undefined ? [] : [`\`${pattern}\``]),
    ...(format === undefined ? [] : [`${format}`]),
    ...(range ? [`${minimum ?? '…'} to ${maximum ?? '…'}`] : []),
    ...(maxLength === undefined ? [] : [`at most ${maxLength} characters`]),
  ]
  return parts.join('; ')
}

function isObject(value: unknown): value is Unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
