/**
 * Names of effects that are the same in each run: whatever a run has made up (ids, names, moments) is taken out of a
 * statement, a path or a command line.
 */
const longest = 90

export function nameStatement(text: string): string {
  const plain = text
    .replace(/\s+/g, ' ')
    .replace(/"[^"]*"/g, '"…"')
    .replace(/'[^']*'/g, "'…'")
    .replace(/\d+/g, '#')
  return shorten(plain.trim())
}

/** Changes nothing, whoever asks: where it stands in our sources makes no other moment. */
export function isRead(text: string): boolean {
  return /^\s*(SELECT|SHOW|BEGIN READ ONLY)\b/i.test(text) && !/\bpg_\w+\(|FOR UPDATE/i.test(text)
}

export function namePath(path: unknown, stateDir: string): string {
  const text = path instanceof URL ? path.pathname : String(path)
  const plain = text
    .replaceAll(stateDir, '')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '*')
    .replace(tenantName, 'NAME')
    .replace(/[0-9a-f]{8,}/g, '*')
    // Of a tree that is copied, each file is as good as any other.
    .replace(/(\/node_modules|\/odoo\/addons|\/src\/odoo|\.draft)\/.*/, '$1/…')
    .replace(/\d+/g, '#')
  return shorten(plain)
}

export function nameCommand(file: string, args: readonly string[], stateDir: string): string {
  const words = [file, ...args].map((word) => namePath(word.replace(/\s+/g, ' '), stateDir))
  return shorten(words.join(' '))
}

/** Tenants of runs are called so, and nothing else is. */
export const tenantName = /\bkx[0-9a-z]{6}\b/g

function shorten(text: string): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}
