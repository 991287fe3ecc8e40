/** The checksum of RFC 1950, of a text in UTF-8. */
export function adler32(text: string): number {
  let a = 1
  let b = 0
  for (const byte of Buffer.from(text)) {
    a = (a + byte) % 65_521
    b = (b + a) % 65_521
  }
  return b * 65_536 + a
}
