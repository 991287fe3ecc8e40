/**
 * Whether the stand-in made a database with this version of `base`: it is a login page with a few tables, which no
 * Odoo can open. Nobody else has such a version.
 */
export function isOfStandIn(version: unknown): boolean {
  return typeof version === 'string' && version.endsWith('.stand-in')
}
