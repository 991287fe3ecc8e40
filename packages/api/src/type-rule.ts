/** What must stand in a field, in words; who forgot the quotes is told so. */
export function typeRule(types: readonly string[], given: unknown): string {
  const names = types.join(' or ')
  const article = /^[aeio]/.test(names) ? 'an' : 'a'
  const quotes = names === 'string' && (typeof given === 'number' || typeof given === 'boolean')
  return quotes ? `must be a string: write "${given}", in quotes` : `must be ${article} ${names}`
}
