import { isRecord } from './record.ts'

/** `/aliases/0` below `spec` is `spec.aliases[0]`. */
export function fieldPath(pointer: string, root = ''): string {
  return pointerParts(pointer).reduce((path, part) => {
    if (/^\d+$/.test(part)) return `${path}[${part}]`
    return path === '' ? part : `${path}.${part}`
  }, root)
}

/** The value a JSON pointer (RFC 6901) names. */
export function pointerValue(value: unknown, pointer: string): unknown {
  return pointerParts(pointer).reduce<unknown>((at, part) => {
    if (Array.isArray(at)) return at[Number(part)]
    return isRecord(at) ? at[part] : undefined
  }, value)
}

function pointerParts(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}
