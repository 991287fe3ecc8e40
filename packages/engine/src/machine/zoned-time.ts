/** RFC 3339 as the clocks of a zone show it: `2026-07-01T03:00:00+03:00`. */
export function zonedTime(time: Date, timeZone: string): string {
  const clock = new Intl.DateTimeFormat('sv-SE', {
    ...{ timeZone, dateStyle: 'short', timeStyle: 'medium' },
  }).format(time)
  const [zone] = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
    .formatToParts(time)
    .filter(({ type }) => type === 'timeZoneName')
  const offset = zone?.value.replace('GMT', '') ?? ''
  return `${clock.replace(' ', 'T')}${offset === '' ? 'Z' : offset}`
}
