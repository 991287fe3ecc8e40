/** What a client of Odoo's bus says: a name, and data that belongs to it. */
export interface ClientFrame {
  readonly name: string
  readonly data: Readonly<Record<string, unknown>>
}

/** Undefined for anything that Odoo's bus would not take for one of its events. */
export function parseClientFrame(text: string): ClientFrame | undefined {
  const frame = parseJson(text)
  if (!isRecord(frame) || typeof frame.event_name !== 'string') return undefined
  return { name: frame.event_name, data: isRecord(frame.data) ? frame.data : {} }
}

export function formatClientFrame({ name, data }: ClientFrame): string {
  return JSON.stringify({ event_name: name, data })
}

/** As far as the beginning of a frame tells, where the whole is too long to be read. */
export function nameAtStart(data: Buffer): string | undefined {
  const start = data.toString('utf8', 0, 256)
  return /^\s*\{\s*"event_name"\s*:\s*"(\w+)"/.exec(start)?.[1]
}

export interface NotificationIds {
  readonly lowest: number
  readonly highest: number
}

/** The id of the first notification, as Odoo writes it. */
export function idAtStart(data: Buffer): NotificationIds | undefined {
  const [, digits] = /^\[\{"id": ?(\d{1,15}),/.exec(data.toString('utf8', 0, 40)) ?? []
  return digits === undefined ? undefined : { lowest: Number(digits), highest: Number(digits) }
}

/** The ids of the notifications in a message of the server. */
export function notificationIds(text: string): NotificationIds | undefined {
  const notifications = parseJson(text)
  if (!Array.isArray(notifications)) return undefined
  const ids = notifications.flatMap((notification: unknown) =>
    isRecord(notification) && typeof notification.id === 'number' ? [notification.id] : [],
  )
  if (ids.length === 0) return undefined
  const [first = 0, ...rest] = ids
  return rest.reduce(
    ({ lowest, highest }, id) => ({
      lowest: Math.min(lowest, id),
      highest: Math.max(highest, id),
    }),
    { lowest: first, highest: first },
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
