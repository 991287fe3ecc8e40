import {
  apiVersion,
  type ComposeInput,
  type ComposeOutput,
  createKinds,
  type KubeObject,
  odooMajors,
} from '@pulse/api'
import {
  composeClient,
  composeEnvironment,
  composeTemplateSnapshot,
  type Parameters,
} from '@pulse/compositions'
import type { Command } from 'commander'
import { stringify } from 'yaml'
import { CommandError, exitCodes } from '../exit.ts'
import { refusalWords } from '../refusal-words.ts'
import { kindOptions, machineParameters } from '../server/parameters.ts'
import { readManifests } from './apply.ts'
import type { CommandContext, GlobalFlags } from './context.ts'

interface Flags extends GlobalFlags {
  readonly filename: readonly string[]
}

/** `pulse render -f FILE`: what a resource would make, without making it. */
export function addRender(program: Command, context: CommandContext) {
  program
    .command('render')
    .description('print the objects that resources would make; needs no running Pulse')
    .requiredOption(
      '-f, --filename <paths...>',
      'YAML or JSON files or folders; - for standard input',
    )
    .addHelpText('after', '\nExamples:\n  pulse render -f infra/machine/acme.yaml')
    .action(async (_flags: Flags, command: Command) => {
      const flags = command.optsWithGlobals<Flags>()
      const config = await context.config(flags)
      const { findKind } = await createKinds(kindOptions(config))
      const parameters = machineParameters(config, {
        httpPort: config.httpPort ?? 8080,
        postgres: { host: '127.0.0.2', port: 5432 },
        isolation: 'enforced',
      })
      const given = await readManifests(flags.filename)
      const checked = given.map(({ object, placeOf }) => {
        const kind = findKind(object.apiVersion, object.kind)
        const whole = kind.setDefaults(object)
        const causes = kind.validate(whole, undefined)
        if (causes.length === 0) return whole
        const name = `${object.kind} "${object.metadata.name}"`
        throw new CommandError(
          refusalWords({ message: `${name} is invalid`, details: { causes } }, placeOf),
        )
      })
      const made = checked.flatMap((object) => renderWhole(object, { given: checked, parameters }))
      if (made.length === 0) throw new CommandError('nothing is composed of these', exitCodes.usage)
      context.out.write(made.map((object) => stringify(object, { lineWidth: 0 })).join('---\n'))
    })
}

interface Surroundings {
  readonly given: readonly KubeObject[]
  readonly parameters: Parameters
}

/** What a resource makes, and what that makes in turn. */
function renderWhole(object: KubeObject, surroundings: Surroundings): readonly KubeObject[] {
  const own = render(object, surroundings)
  const given = [...surroundings.given, object]
  return own.flatMap((child) => [child, ...renderWhole(child, { ...surroundings, given })])
}

/** Compositions answer step by step to what they see: here each sees its own last answer until it adds nothing. */
function render(object: KubeObject, { given, parameters }: Surroundings): readonly KubeObject[] {
  const composition = compositionOf(object)
  let observed: Readonly<Record<string, KubeObject>> = {}
  for (let round = 0; composition && round < mostRounds; round += 1) {
    const { objects } = composition.compose({
      resource: { ...object, metadata: { uid: renderedUid, ...object.metadata } },
      observed,
      required: {
        client: given.filter(({ kind }) => kind === 'PLANAClient'),
        pool: [renderedPool],
        workers: [],
      },
      now: '2026-01-01T00:00:00Z',
      parameters: { ...parameters, majors: odooMajors },
    })
    if (Object.keys(objects).length === Object.keys(observed).length) break
    observed = objects
  }
  return Object.values(observed)
}

const mostRounds = 10
/** Stands for the pool that a member of it waits for. */
const renderedPool = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'worker-odoo' },
}
const renderedUid = '00000000-0000-4000-8000-000000000000'

/** A method, so that a composition for a certain kind fits. */
interface Composition {
  compose(input: ComposeInput): ComposeOutput
}

function compositionOf({ apiVersion: group, kind }: KubeObject): Composition | undefined {
  if (group !== apiVersion) return undefined
  if (kind === 'PLANAClient') return { compose: composeClient }
  if (kind === 'TenantEnvironment') return { compose: composeEnvironment }
  return kind === 'TemplateSnapshot' ? { compose: composeTemplateSnapshot } : undefined
}
