/**
 * Whether this is a zone of the IANA database, written as there (`Europe/Sofia`, `Etc/UTC`). Of offsets (`+02:00`) and
 * `Local` nothing would tell when their summer begins.
 */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Z][A-Za-z0-9_+-]*(\/[A-Z][A-Za-z0-9_+-]*)*$/.test(name)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}
