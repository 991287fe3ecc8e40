import type { Answer } from './answer.ts'

const maxLength = 256

/** Adds warnings as kubectl prints them: `Warning: 299 - "text"` (RFC 7234 5.5). */
export function withWarnings(answer: Answer, warnings: readonly string[]): Answer {
  if (warnings.length === 0) return answer
  return { ...answer, headers: { ...answer.headers, Warning: warnings.map(warningHeader) } }
}

/** A field's name comes from the client: nothing of it may leave the quotes or the header. */
function warningHeader(text: string): string {
  const printable = text.slice(0, maxLength).replace(/[^\x20-\x7e]/g, '?')
  return `299 - "${printable.replace(/[\\"]/g, '\\$&')}"`
}
