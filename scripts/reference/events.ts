import { eventSource, eventTypes } from '@pulse/api'
import { fieldsOf } from './fields.ts'
import { type GeneratedFile, generatedNote, table } from './generated-file.ts'

/** The catalogue of events (CloudEvents 1.0). */
export function eventsReference(): readonly GeneratedFile[] {
  const sections = eventTypes.map(({ type, kind, description, data }) => {
    const rows = fieldsOf(data).map(({ path, type: shape, required, description: text }) => [
      `\`${path}\``,
      shape,
      required ? 'yes' : 'no',
      text,
    ])
    return `## ${type}

${description} Source: \`${eventSource(kind)}\`.

${table(['Data', 'Type', 'Always', 'Meaning'], rows)}`
  })
  const text = `${generatedNote}# Events

What has happened, as CloudEvents 1.0 in JSON. The subject is the subdomain of the customer. Events are only ever
added: a correction is a new event.

${sections.join('\n')}`
  return [{ path: 'docs/reference/events.md', text }]
}
