import { apiVersionOf, type KindDefinition, type KubeObject } from '@pulse/api'
import { type Command, Option } from 'commander'
import { CommandError } from '../exit.ts'
import type { Cluster, CommandContext, GlobalFlags } from './context.ts'
import { notFound } from './not-found.ts'
import { type OutputFormat, outputFormats, printObjects } from './print.ts'
import { parseResourceArguments, refTo } from './resource-argument.ts'
import { withCluster } from './with-cluster.ts'

interface Flags extends GlobalFlags {
  readonly namespace?: string
  readonly allNamespaces?: boolean
  readonly selector?: string
  readonly fieldSelector?: string
  readonly output: OutputFormat
  readonly watch?: boolean
  readonly showManagedFields?: boolean
}

const pageSize = 500

/** `pulse get TYPE [NAME…]`. */
export function addGet(program: Command, context: CommandContext) {
  program
    .command('get <type> [names...]')
    .description('show resources')
    .option('-n, --namespace <name>', 'namespace of namespaced resources')
    .option('-A, --all-namespaces', 'resources of all namespaces')
    .option('-l, --selector <labels>', 'only those with these labels: a=b,c!=d,e in (f,g)')
    .option('--field-selector <fields>', 'only those with these fields: status.phase=Running')
    .addOption(
      new Option('-o, --output <format>', 'how to show them')
        .choices(outputFormats)
        .default('table'),
    )
    .option('-w, --watch', 'go on showing changes until Ctrl-C')
    .option('--show-managed-fields', 'in JSON and YAML: who has set which field, too')
    .addHelpText(
      'after',
      `
Examples:
  pulse get planaclients                 all tenants
  pulse get pc acme -o yaml              one tenant, in full
  pulse get pods -A -o wide              all pods with their addresses
  pulse get secret acme-credentials -n plana-odoo-18 -o yaml`,
    )
    .action(async (type: string, names: string[], _flags: Flags, command: Command) => {
      await withCluster<Flags>(context, command, async (cluster, flags) => {
        const missing: string[] = []
        for (const argument of parseResourceArguments(await context.kinds(), [type, ...names])) {
          const shown = { ...flags, names: argument.names }
          missing.push(...(await showKind(cluster, context, argument.kind, shown)))
        }
        if (missing.length > 0) throw new CommandError(missing.join('\n'))
      })
    })
}

/** Shows what is there; what was asked for and is not is told by whoever called. */
async function showKind(
  cluster: Cluster,
  context: CommandContext,
  kind: KindDefinition,
  flags: Flags & { readonly names: readonly string[] },
): Promise<readonly string[]> {
  const { names, output: format } = flags
  const print = (objects: readonly KubeObject[], withHeaders = true) =>
    context.out.write(
      `${printObjects(objects, {
        kind,
        format,
        withHeaders,
        now: new Date(),
        withNamespace: kind.namespaced && flags.allNamespaces === true,
        single: names.length === 1,
        withManagedFields: flags.showManagedFields === true,
      })}\n`,
    )
  const scope = scopeOf(kind, flags)
  if (names.length > 0) {
    const { objects, missing } = await readByName(cluster, kind, scope.namespace, names)
    if (objects.length > 0) print(objects)
    return missing
  }

  const { items, resourceVersion } = await readAll(cluster, kind, flags)
  if (items.length === 0 && (format === 'table' || format === 'wide')) {
    context.err.write(`${nothingFound(kind, flags)}\n`)
  } else print(items)
  if (!flags.watch) return []
  const watched = cluster.watch({
    ...scope,
    ...selectorsOf(flags),
    resourceVersion,
    signal: context.signal,
  })
  for await (const { type, object } of watched) if (type !== 'BOOKMARK') print([object], false)
  return []
}

async function readByName(
  cluster: Cluster,
  kind: KindDefinition,
  namespace: string | undefined,
  names: readonly string[],
) {
  const found = await Promise.all(names.map((name) => cluster.get(refTo(kind, name, namespace))))
  return {
    objects: found.filter((object) => object !== undefined),
    missing: names
      .filter((_name, index) => found[index] === undefined)
      .map((name) => notFound(kind, name).message),
  }
}

/** Every page, so that a long list is whole and no single answer is huge. */
async function readAll(cluster: Cluster, kind: KindDefinition, flags: Flags) {
  const items: KubeObject[] = []
  let page = await cluster.list({ ...scopeOf(kind, flags), ...selectorsOf(flags), limit: pageSize })
  items.push(...page.items)
  while (page.continue !== undefined) {
    page = await cluster.list({
      ...scopeOf(kind, flags),
      ...selectorsOf(flags),
      limit: pageSize,
      continue: page.continue,
    })
    items.push(...page.items)
  }
  return { items, resourceVersion: page.resourceVersion }
}

function scopeOf(kind: KindDefinition, { namespace, allNamespaces }: Flags) {
  const scope = { apiVersion: apiVersionOf(kind), kind: kind.kind }
  if (!kind.namespaced || allNamespaces) return { ...scope, namespace: undefined }
  return { ...scope, namespace: namespace ?? 'default' }
}

function nothingFound(kind: KindDefinition, flags: Flags): string {
  const { namespace } = scopeOf(kind, flags)
  if (namespace === undefined) return 'No resources found.'
  const hint = flags.namespace === undefined ? '; -A shows all' : ''
  return `No resources found in ${namespace} namespace${hint}.`
}

function selectorsOf({ selector, fieldSelector }: Flags) {
  return {
    ...(selector !== undefined && { labelSelector: selector }),
    ...(fieldSelector !== undefined && { fieldSelector }),
  }
}
