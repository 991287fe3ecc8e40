/**
 * The path as Odoo's router will see it: decoded once, slashes merged, dot segments resolved. Undefined when it cannot
 * be decoded, or hides a control character: such a request is refused, since two parsers would read it differently.
 */
export function normalisePath(target: string): string | undefined {
  if (!target.startsWith('/')) return undefined
  const end = target.search(/[?#]/)
  const raw = end < 0 ? target : target.slice(0, end)
  if (isNormal.test(raw)) return raw
  const decoded = raw.includes('%') ? decodeOnce(raw) : raw
  if (decoded === undefined || hasControl(decoded)) return undefined
  return `/${resolveDots(decoded.replaceAll('\\', '/').split('/')).join('/')}`
}

/** As nearly all are: nothing to decode, to merge or to resolve. */
const isNormal = /^(?:\/[A-Za-z0-9_~@:-][A-Za-z0-9_~@:.-]*)+$/

function decodeOnce(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}

function hasControl(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for.
  return /[\x00-\x1f\x7f]/.test(text)
}

function resolveDots(segments: readonly string[]): string[] {
  const resolved: string[] = []
  for (const segment of segments) {
    if (segment === '..') resolved.pop()
    else if (segment !== '' && segment !== '.') resolved.push(segment)
  }
  return resolved
}
