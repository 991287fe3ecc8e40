import { apiVersionOf, createKinds, type KindDefinition } from '@pulse/api'
import type { Difference } from '../../packages/engine/src/face/conformance/difference.ts'
import { discoveryDifferences } from '../../packages/engine/src/face/conformance/discovery-differences.ts'
import { objectDifferences } from '../../packages/engine/src/face/conformance/object-differences.ts'
import { ownerDifferences } from '../../packages/engine/src/face/conformance/owner-differences.ts'
import { requestDifferences } from '../../packages/engine/src/face/conformance/request-differences.ts'
import { resourceVerbs, subresourcesOf } from '../../packages/engine/src/face/verbs.ts'
import { type GeneratedFile, generatedNote, table } from './generated-file.ts'

/** What of the Kubernetes API Pulse speaks, and where its answers are others. */
export async function kubernetesApiReference(): Promise<readonly GeneratedFile[]> {
  const { kinds } = await createKinds()
  const text = `${generatedNote}# The Kubernetes API of one machine

Pulse answers the API of Kubernetes 1.35 on loopback, for its own kinds and for those that its compositions are made of.
It serves an installation, and is not a cluster. Three judges that are not ours hold it to that: kubectl,
\`@kubernetes/client-node\`, and a real kube-apiserver, of which the same calls are asked and the answers compared: status
code, headers, and the whole body.

## Kinds

${table(
  ['API version', 'Kind', 'In a namespace', 'Subresources', 'Fields to select by'],
  kinds.map(kindRow),
)}
Each can be asked to ${verbsText(kinds)}. Subresources are read, replaced and patched; a log is read. Every kind can be
selected by \`metadata.name\` and \`metadata.namespace\`.

## Requests

${table(
  ['What', 'How'],
  [
    ['Forms', 'JSON and YAML; Table and PartialObjectMetadata of meta.k8s.io/v1'],
    [
      'Patches',
      'JSON patch, merge patch, server-side apply; strategic merge patch for kinds of Kubernetes',
    ],
    ['Writes', '`dryRun=All`, `fieldManager`, `fieldValidation`, `force` of an apply'],
    [
      'Fields',
      'those of Kubernetes in every kind that is served; unknown ones are refused all at once (`Strict`), or dropped with a warning (`Warn`) or without (`Ignore`); `kubectl explain` tells what each holds and means',
    ],
    [
      'Lists',
      '`limit` and `continue`, label selectors with sets and numbers, field selectors; of versions the present one',
    ],
    [
      'Watches',
      'from a version on, from now, or with `sendInitialEvents`; bookmarks once a minute where they are allowed; `timeoutSeconds`, half an hour if nothing is said',
    ],
    ['Deletions', 'preconditions, propagation policies, grace of Pods, collections by selector'],
    [
      'Discovery',
      'aggregated (apidiscovery.k8s.io/v2) and by document, OpenAPI v3, `/version`, `/healthz`, `/livez`, `/readyz`',
    ],
    ['Identity', 'a bearer token'],
  ],
)}
## Not spoken

${table(['What', 'Why'], notSpoken)}
## Known differences

Everything else that is compared was seen to be answered as a kube-apiserver answers it. A difference that is not listed
here, or is listed and gone, fails the comparison. Not compared are the words of messages and of column descriptions, the
order of verbs and of managers, the mark \`.\` by which a manager owns the map around its fields, and headers that name a
request for the logs of a cluster (\`Audit-Id\`, \`X-Kubernetes-Pf-*\`): there is no such log here.

### Paths and documents

${differencesTable(discoveryDifferences)}
### Requests and refusals

${differencesTable(requestDifferences)}
### Objects and tables

${differencesTable(objectDifferences)}
### Owners of fields

${differencesTable(ownerDifferences)}`
  return [{ path: 'docs/reference/kubernetes-api.md', text }]
}

const notSpoken: readonly (readonly [what: string, why: string])[] = [
  [
    'CustomResourceDefinitions, aggregated APIs, admission webhooks',
    'The kinds are those of this installation; their rules run inside the write.',
  ],
  [
    'Rights: RBAC is stored and not enforced; no impersonation',
    "On one machine a token is the administrator's.",
  ],
  [
    '`exec`, `attach`, `port-forward`, `proxy`, `eviction`, ephemeral containers',
    'Pods are processes of this machine, to be reached on it.',
  ],
  [
    '`timestamps` of a log',
    'A log is what its process has written, and nobody notes when. A warning says so, and the lines come without; `sinceTime` leaves out only a log last written before it.',
  ],
  [
    'autoscaling/v1, and scaling by load',
    'Autoscalers of v2 are stored and not obeyed; `kubectl autoscale` is told so.',
  ],
  [
    'ReplicationControllers and DaemonSets',
    'There are none: a list of them is empty, as `kubectl cluster-info dump` wants to see it.',
  ],
  ['`/finalize` and the token of a ServiceAccount', 'Nothing here runs that would use them.'],
  ['Older states of a list', 'The store keeps what is, and the changes of late for watches.'],
  ['`/openapi/v2`, `/metrics` and `/debug`', 'Clients ask for v3; metrics are served elsewhere.'],
]

function kindRow(definition: KindDefinition): readonly string[] {
  const { kind, namespaced, selectableFields } = definition
  const code = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(' ')
  return [
    apiVersionOf(definition),
    kind,
    namespaced ? 'yes' : '',
    code(subresourcesOf(definition).map(({ name }) => name)),
    code(selectableFields),
  ]
}

function verbsText(kinds: readonly KindDefinition[]): string {
  const all = [...new Set(kinds.flatMap(resourceVerbs))]
  const code = (verbs: readonly string[]) => verbs.map((verb) => `\`${verb}\``).join(', ')
  const lacking = kinds.flatMap((kind) => {
    const missing = all.filter((verb) => !resourceVerbs(kind).includes(verb))
    return missing.length === 0 ? [] : [`${kind.kind} not to ${code(missing)}`]
  })
  return [code(all), ...lacking].join('; ')
}

function differencesTable(differences: readonly Difference[]): string {
  return table(
    ['What', 'Why it stays'],
    differences.map(({ what, why }) => [what, why]),
  )
}
