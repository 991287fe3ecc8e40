import type { MachineStatus } from '../machine-status/schema.ts'
import { clipTo } from '../terminal/lines.ts'
import { renderTable } from '../terminal/table.ts'
import type { CommandContext } from './context.ts'
import { ageOf } from './print.ts'

const columns = 80
/** Groups shown of each section: a screen has some 24 lines, and `-o json` has them all. */
const groupsShown = 5

/** What waits for what: one line a group, one with its reason. Empty when nothing waits. */
export function waitingSection(
  { waiting, waitingUnread }: MachineStatus,
  hint: CommandContext['hint'],
): string {
  if (waiting.length === 0) return ''
  const lines = waiting
    .slice(0, groupsShown)
    .flatMap(({ kind, condition, reason, count, names, message }) => {
      const more = count > names.length ? ', …' : ''
      const head = `  ${count} ${words(kind, count)} ${condition}=${reason}: ${names.join(', ')}${more}`
      return [clipTo(head, columns), clipTo(`      ${message}`, columns)]
    })
  const [first] = waiting
  const left = waiting.length - groupsShown
  return [
    'Waiting:',
    ...lines,
    ...(left > 0 ? [`  and ${left} more reasons`] : []),
    ...(waitingUnread > 0 ? [`  ${waitingUnread} more are not ready, and were not looked at`] : []),
    ...(first ? [`  More: ${hint(`describe ${first.kind.toLowerCase()} ${first.names[0]}`)}`] : []),
  ].join('\n')
}

function words(kind: string, count: number): string {
  const name =
    kind === 'TenantEnvironment' ? 'environment' : kind === 'TemplateSnapshot' ? 'template' : kind
  return count === 1 ? name : `${name}s`
}

/** Warnings of the last hour. Empty when there were none. */
export function warningSection({ warnings }: MachineStatus, now: Date): string {
  if (warnings.length === 0) return ''
  const rows = warnings
    .slice(0, groupsShown)
    .map(({ reason, count, lastSeen, object, message }) => [
      `  ${count}×`,
      reason,
      ageOf(lastSeen, now),
      clipTo(object, 28),
      message,
    ])
  const left = warnings.length - groupsShown
  return [
    'Warnings of the last hour:',
    ...renderTable(['  TIMES', 'REASON', 'AGE', 'LAST OBJECT', 'MESSAGE'], rows)
      .split('\n')
      .map((line) => clipTo(line, columns)),
    ...(left > 0 ? [`  and ${left} more: pulse status -o json`] : []),
  ].join('\n')
}
