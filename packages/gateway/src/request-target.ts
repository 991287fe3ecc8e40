/**
 * Whether a request target, as latin-1, is of printable ASCII alone (RFC 9112 3.2, RFC 3986 2). Readers differ on the
 * rest: Python's `http.server` splits the request line wherever `str.split` sees a space, at 0x85 and 0xA0 too, so that
 * one who may write such bytes writes the version, and with it what of the head is believed.
 */
export function isRequestTarget(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text)
}
