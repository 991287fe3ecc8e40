import { listDependencies } from '../licences.ts'
import { type GeneratedFile, generatedNote, table } from './generated-file.ts'

/** Everything the lock file brings, with its licence. */
export function licencesReference(): readonly GeneratedFile[] {
  const rows = listDependencies().map(({ name, version, licence }) => [name, version, licence])
  const text = `${generatedNote}# Licences of dependencies

Pulse itself is Apache-2.0, \`odoo/\` LGPL-3.0. \`npm run lint\` fails on a licence that is not known to be fine.

${table(['Package', 'Version', 'Licence'], rows)}`
  return [{ path: 'docs/reference/licences.md', text }]
}
