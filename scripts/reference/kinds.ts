import { createKinds, type KindDefinition, ownKinds } from '@pulse/api'
import { fieldsOf } from './fields.ts'
import { type GeneratedFile, generatedNote, table } from './generated-file.ts'

/** The kinds with their fields and columns. */
export async function kindsReference(): Promise<readonly GeneratedFile[]> {
  const own = ownKinds()
  const { kinds } = await createKinds()
  const others = kinds.filter(({ structural }) => !structural)
  const text = `${generatedNote}# Kinds

Our own kinds are cluster-scoped: \`kubectl get planaclients\` needs no namespace. A refusal names every field and
rule that is broken, all at once.

${own.map(section).join('\n')}
## Kinds of Kubernetes

Pulse's compositions are made of these, with Kubernetes' own schemas, defaults and immutable fields.

${table(
  ['Kind', 'API version', 'Short', 'What it is'],
  others.map(({ kind, group, version, shortNames, description }) => [
    kind,
    group === '' ? version : `${group}/${version}`,
    shortNames.join(', '),
    description,
  ]),
)}`
  return [{ path: 'docs/reference/kinds.md', text }]
}

function section(kind: KindDefinition): string {
  const { spec, status } = propertiesOf(kind.schema)
  return `## ${kind.kind}

${kind.description} \`apiVersion: ${kind.group}/${kind.version}\`; plural \`${kind.plural}\`, short
${kind.shortNames.map((name) => `\`${name}\``).join(', ')}.

${table(
  ['spec', 'Type', 'Required', 'Default', 'Must be', 'Meaning'],
  fieldsOf(spec).map((field) => [
    `\`${field.path}\``,
    field.type,
    field.required ? 'yes' : '',
    field.default,
    field.bounds,
    field.description,
  ]),
)}
${table(
  ['status', 'Type', 'Meaning'],
  fieldsOf(status).map((field) => [`\`${field.path}\``, field.type, field.description]),
)}
Columns of \`kubectl get\`: ${kind.columns.map(({ name, priority }) => (priority === 0 ? name : `${name} (wide)`)).join(', ')}.
`
}

function propertiesOf(schema: Readonly<Record<string, unknown>>): {
  readonly spec?: unknown
  readonly status?: unknown
} {
  const { properties } = schema
  return typeof properties === 'object' && properties !== null ? properties : {}
}
