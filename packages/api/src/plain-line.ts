/**
 * One line of text as a terminal may show it, whoever has written it: nothing in it moves the cursor, colours, or
 * turns the direction of what stands beside it.
 */
export function plainLine(text: string): string {
  return text
    .replaceAll('\t', '  ')
    .replace(/[\r\n\u2028\u2029]+/g, ' ')
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
}
