import {
  defaultOdooVersion,
  hasReason,
  hostings,
  type KubeObject,
  numberAt,
  type ObjectRef,
  odooMajors,
  resourceSizes,
  StatusError,
  textAt,
  tiers,
} from '@pulse/api'
import { editionOfTier } from '@pulse/compositions'
import { type Command, Option } from 'commander'
import { CommandError, exitCodes } from '../exit.ts'
import { createProgress, type Progress } from '../terminal/progress.ts'
import { conditionsOf, findCondition, whyLost } from './conditions.ts'
import type { Cluster, CommandContext, GlobalFlags } from './context.ts'
import { inWordsOfCreate } from './create-refusal.ts'
import { timeoutOption } from './duration.ts'
import { type Login, readLogin } from './login.ts'
import { type OutputFlags, outputOption } from './output-option.ts'
import { progressWords } from './progress-words.ts'
import { type WaitLimits, waitUntil } from './wait-until.ts'
import { withCluster } from './with-cluster.ts'

interface Flags extends GlobalFlags, OutputFlags {
  readonly owner: string
  readonly company?: string
  readonly tier: string
  readonly odoo: string
  readonly hosting?: string
  readonly resources?: string
  readonly project: string
  readonly language?: string
  readonly timezone?: string
  readonly currency?: string
  readonly country?: string
  readonly alias?: readonly string[]
  readonly wait: boolean
  /** In milliseconds. */
  readonly timeout: number
}

/** `pulse create NAME --owner EMAIL`: the short way for people. */
export function addCreate(program: Command, context: CommandContext) {
  program
    .command('create <name>')
    .description('create a tenant and wait until it can be used')
    .requiredOption(
      '--owner <email>',
      'e-mail address of the owner, the login of the administrator',
    )
    .option('--company <name>', 'name of the company (default: the name of the tenant)')
    .addOption(new Option('--tier <tier>', 'plan').choices(tiers).default('starter'))
    .addOption(
      new Option('--odoo <major>', 'Odoo version').choices(odooMajors).default(defaultOdooVersion),
    )
    .addOption(
      new Option('--hosting <how>', 'shared or own workers (default: by tier)').choices(hostings),
    )
    .addOption(
      new Option('--resources <size>', 'size of own workers (default: by tier)').choices(
        resourceSizes,
      ),
    )
    .option('--project <number>', 'number of the project in the ERP', '0')
    .option('--language <code>', 'language as Odoo names it: en_US, bg_BG')
    .option('--timezone <name>', 'IANA time zone: Europe/Sofia')
    .option('--currency <code>', 'currency of the company: EUR')
    .option('--country <code>', 'country of the company: BG')
    .option('--alias <host...>', 'further hostnames')
    .option('--no-wait', 'return at once')
    .addOption(timeoutOption())
    .addOption(outputOption())
    .addHelpText(
      'after',
      `
Examples:
  pulse create acme --owner ceo@acme.bg
  pulse create acme --owner ceo@acme.bg --company "Acme Corp" --tier pro --language bg_BG`,
    )
    .action(async (name: string, _flags: Flags, command: Command) => {
      await withCluster<Flags>(context, command, async (cluster, flags) => {
        const client = await createTenant(cluster, makeClient(name, flags), flags, context)
        if (client === undefined) return
        context.out.write(
          flags.output === 'json' ? `${JSON.stringify(client)}\n` : welcomeText(client, context),
        )
      })
    })
}

/** The resource that the flags describe; rules and defaults are the server's. */
export function makeClient(
  name: string,
  flags: Omit<Flags, 'wait' | 'timeout' | 'output'>,
): KubeObject {
  if (!/^\d+$/.test(flags.project)) {
    throw new CommandError(
      `--project ${flags.project}: a whole number is expected`,
      exitCodes.usage,
    )
  }
  const settings = definedOnly({
    language: flags.language,
    timezone: flags.timezone,
    currency: flags.currency,
    country: flags.country,
  })
  return {
    apiVersion: 'planapulse.com/v1alpha1',
    kind: 'PLANAClient',
    metadata: { name },
    spec: definedOnly({
      subdomain: name,
      projectId: Number(flags.project),
      tier: flags.tier,
      odooVersion: flags.odoo,
      ownerEmail: flags.owner,
      ownerName: flags.company ?? name,
      hosting: flags.hosting,
      resources: flags.resources,
      aliases: flags.alias,
      settings: Object.keys(settings).length > 0 ? settings : undefined,
    }),
  }
}

export interface CreatedTenant extends Login {
  readonly name: string
  readonly url: string
}

/** Creates the tenant and follows it until it is ready; undefined when nobody waits. */
export async function createTenant(
  cluster: Cluster,
  client: KubeObject,
  { wait, timeout }: Pick<Flags, 'wait' | 'timeout'>,
  { err, hint, signal }: Pick<CommandContext, 'err' | 'hint' | 'signal'>,
): Promise<CreatedTenant | undefined> {
  const progress = createProgress(err)
  const { name } = client.metadata
  progress.step(`creating tenant ${name}`)
  let uid: string | undefined
  try {
    const created = await cluster.create(client, { fieldManager: 'pulse-create' })
    uid = created.metadata.uid
  } catch (error) {
    progress.failed(`tenant ${name} was not created`)
    if (hasReason(error, 'AlreadyExists')) {
      throw new CommandError(
        `tenant "${name}" exists already: see ${hint(`describe planaclient ${name}`)}`,
        1,
        {
          cause: error,
        },
      )
    }
    throw error instanceof StatusError ? inWordsOfCreate(error) : error
  }
  if (!wait) {
    progress.done(`tenant ${name} is being created: see ${hint(`wait planaclient ${name}`)}`)
    return undefined
  }
  return followTenant(cluster, name, { progress, timeoutMs: timeout, signal, uid, hint })
}

interface Following extends WaitLimits, Pick<CommandContext, 'hint'> {
  readonly progress: Progress
  /** Of the tenant that was created: another of its name is not it. */
  readonly uid: string | undefined
}

async function followTenant(
  cluster: Cluster,
  name: string,
  { progress, uid, hint, ...limits }: Following,
): Promise<CreatedTenant> {
  const ref = { apiVersion: 'planapulse.com/v1alpha1', kind: 'PLANAClient', name }
  try {
    const templateMissing = await isTemplateMissing(cluster, ref)
    const holds = (client: KubeObject | undefined) => {
      if (client?.metadata.uid !== uid || client?.metadata.deletionTimestamp !== undefined) {
        throw new StatusError('NotFound', `tenant ${name} was deleted meanwhile`)
      }
      const words = progressWords(client, { templateMissing })
      if (words !== undefined) progress.step(`tenant ${name}: ${words}`)
      const never = whyLost(client)
      if (never !== undefined) throw new CommandError(`tenant ${name} cannot be used: ${never}`)
      return findCondition(client, 'Ready')?.status === 'True'
    }
    const ready = await waitUntil(cluster, ref, { ...limits, holds })
    const login = await readLogin(cluster, `${name}-prod`)
    const settings = findCondition(ready, 'SettingsApplied')
    progress.done(`tenant ${name} is ready`)
    if (settings?.status === 'False') {
      progress.note(`not as asked: ${settings.message}`)
      if (settings.reason === notInTemplate) progress.note(templateHint(ready, hint))
    }
    return { name, url: urlOf(ready), ...login }
  } catch (error) {
    progress.failed(`tenant ${name} is not ready`)
    if (limits.signal.aborted) {
      throw new CommandError(
        `tenant ${name} stays and goes on being made; its password: ${hint(`open ${name} --login`)}`,
        exitCodes.interrupted,
        { cause: error },
      )
    }
    const isOver = error instanceof CommandError && error.exitCode === exitCodes.timeout
    if (!isOver) throw error
    const why = conditionsOf(await cluster.get(ref))
      .filter(({ status }) => status !== 'True')
      .map(({ type, reason = '', message = '' }) => `  ${type}: ${reason} ${message}`)
    if (why.length === 0) throw error
    throw new CommandError(`${error.message}\n${why.join('\n')}`, error.exitCode, { cause: error })
  }
}

/** Of `SettingsApplied`. */
const notInTemplate = 'NotInTemplate'

/** A template that is installed from scratch speaks English only. */
function templateHint(client: KubeObject | undefined, hint: CommandContext['hint']): string {
  const tier = tiers.find((one) => one === textAt(client, 'spec.tier')) ?? 'starter'
  const edition = editionOfTier[tier]
  const major = textAt(client, 'spec.odooVersion') ?? defaultOdooVersion
  const command = hint(`template import ${major} --edition ${edition} --dump FILE`)
  return `  add it in Odoo (Settings, Languages); later tenants get it from a template that has it: ${command}`
}

/** Whether no template of this tenant's Odoo stands yet: then its making is what takes the time. */
async function isTemplateMissing(cluster: Cluster, ref: ObjectRef): Promise<boolean> {
  const major = textAt(await cluster.get(ref), 'spec.odooVersion')
  const { items } = await cluster.list({ apiVersion: ref.apiVersion, kind: 'TemplateSnapshot' })
  return !items.some(
    (template) =>
      textAt(template, 'spec.odooVersion') === major &&
      numberAt(template, 'status.sizeBytes') !== undefined,
  )
}

/** What a person needs next; the password only where no journal keeps what is printed. The examples name the address themselves: only browsers and curl resolve *.localhost. */
export function welcomeText(
  { name, url, login, password }: CreatedTenant,
  { hint, showPassword = true }: Pick<CommandContext, 'hint'> & { readonly showPassword?: boolean },
): string {
  const { hostname, port, protocol } = new URL(url)
  const curl = `curl --resolve ${hostname}:${port || (protocol === 'https:' ? 443 : 80)}:127.0.0.1`
  const call = ['authenticate', hostname, login, '$PASSWORD']
  return `
  URL       ${url}
  Login     ${login}
  Password  ${showPassword ? `${password}   (again with: ${hint(`open ${name} --login`)})` : `is in a Secret: ${hint(`open ${name} --login`)}`}

Try next:
  ${hint(`open ${name}`)}
  ${hint(`describe planaclient ${name}`)}
  ${curl} ${url}/web/health
  PASSWORD='…'; ${curl} ${url}/xmlrpc/2/common -H 'Content-Type: text/xml' -d "${xmlRpcCall(call)}"

`
}

/** A call whose parameters are all strings, with the empty struct that Odoo's `authenticate` wants last. */
function xmlRpcCall([method, ...params]: readonly string[]): string {
  const values = [...params.map((param) => `<value>${param}</value>`), '<value><struct/></value>']
  const list = values.map((value) => `<param>${value}</param>`).join('')
  return `<methodCall><methodName>${method}</methodName><params>${list}</params></methodCall>`
}

function urlOf(client: KubeObject | undefined): string {
  const url = textAt(client, 'status.url')
  if (url !== undefined) return url
  throw new CommandError('the tenant is ready but tells no URL')
}

function definedOnly(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
