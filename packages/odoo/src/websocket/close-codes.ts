export const sessionExpired = 4001

/**
 * Ends of a process or of a connection, which the client need not hear of: going away at a stop (1001), cut (1006), an
 * error in the middle of a reload (1011), restart (1012), too much at once (1013), a proxy's word (1014), and Odoo's
 * own limit on the age of a connection (4002). All others are the tenant's word: a clean end (1000), with which Odoo
 * also sends browsers away whose worker is outdated; frames it does not take (1002, 1003, 1007–1010); 4001.
 */
const absorbed = new Set([1001, 1006, 1011, 1012, 1013, 1014, 4002])

export function isAbsorbed({ code }: { readonly code: number; readonly reason: string }): boolean {
  return absorbed.has(code)
}
