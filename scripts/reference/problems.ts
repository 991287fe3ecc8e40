import { problemTypes, problemTypeUri } from '@pulse/api'
import { type GeneratedFile, generatedNote, table } from './generated-file.ts'

/** The catalogue of problems (RFC 9457). */
export function problemsReference(): readonly GeneratedFile[] {
  const rows = problemTypes.map((type) => [
    `\`${type.slug}\``,
    String(type.status),
    type.title,
    type.remedy,
    type.retryable ? 'yes' : 'no',
  ])
  const example = problemTypeUri({ slug: 'host-not-found' })
  const text = `${generatedNote}# Problems

Errors of HTTP services are \`application/problem+json\` (RFC 9457). The \`type\` of each is a URI such as
\`${example}\`; the last part is the name in this table. The resource API answers as Kubernetes does
instead, with a \`Status\` that has one cause for each mistake.

${table(['Name', 'Status', 'Title', 'What to do', 'May succeed later'], rows)}`
  return [{ path: 'docs/reference/problems.md', text }]
}
