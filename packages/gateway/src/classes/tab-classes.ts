import { hold, later, type RequestClassRow } from './request-class.ts'

/** What an open tab keeps up by itself. */
export const openTabClasses: readonly RequestClassRow[] = [
  {
    name: 'websocket',
    which: 'handshake of a WebSocket',
    when: ({ upgradesToWebsocket, method }) => upgradesToWebsocket && method === 'GET',
    wakes: false,
    activity: false,
    asleep: { kind: 'park' },
    wording: 'text',
    reason:
      'Each open tab has one and opens it again by itself: it would never sleep. What a user sends over it counts by frame.',
  },
  {
    name: 'long-poll',
    which: 'POST to `/longpolling/poll`',
    when: ({ path, method }) => path === '/longpolling/poll' && method === 'POST',
    wakes: false,
    activity: false,
    asleep: { kind: 'poll' },
    wording: 'text',
    reason:
      'The older way of the same, of tabs that outlive an upgrade: they ask again as soon as they have their answer. No sleep waits for one that Odoo holds: it ends without news.',
  },
]

/** What an open tab asks for by itself. */
export const tabQuestionClasses: readonly RequestClassRow[] = [
  {
    name: 'tab-poll',
    which: '`/websocket/{peek_notifications,update_bus_presence,on_closed}`, `/longpolling/…`',
    when: ({ path }) =>
      /^\/(websocket\/(peek_notifications|update_bus_presence|on_closed)$|longpolling\/)/.test(
        path,
      ),
    wakes: false,
    activity: false,
    asleep: later,
    wording: 'text',
    reason:
      'Sent by clients in the background on a timer and answered at once; what they ask for is kept until they come back. The first of them marks the session at Odoo: an answer of ours would end it.',
  },
  {
    name: 'tab-return',
    which:
      '`/web/webclient/version_info`, `/bus/{has_missed_notifications,get_autovacuum_info}`, `/calendar/notify`',
    when: ({ path }) =>
      /^\/(web\/webclient\/version_info|bus\/(has_missed_notifications|get_autovacuum_info)|calendar\/notify)$/.test(
        path,
      ),
    wakes: true,
    activity: false,
    asleep: hold,
    wording: 'text',
    reason:
      'Asked once by a tab that was cut off, or for an appointment that is due; any error would show “connection lost” and be asked again and again.',
  },
]
