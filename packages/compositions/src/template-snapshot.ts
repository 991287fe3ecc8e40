import {
  type ComposeInput,
  type ComposeOutput,
  type Condition,
  jobName,
  recordOf,
  type TemplateSnapshot,
  taskNamespace,
  templateDatabaseName,
} from '@pulse/api'
import { makeCondition, statusOf } from './condition.ts'
import { contentHash } from './content-hash.ts'
import { readinessOf } from './environment-conditions.ts'
import { labelKeys, platformLabels } from './labels.ts'
import { makeConfigMap } from './make-config-map.ts'
import { makeTaskRole, makeTaskRoleBinding } from './make-task-role.ts'
import type { Parameters } from './parameters.ts'
import { jobUnlessDone, makeStep, retryOf, type Step, stepState, stepsOf } from './step.ts'
import { taskArgs } from './task-args.ts'

type TemplateInput = ComposeInput<TemplateSnapshot, Parameters>

/** The template database of one edition and major; another `rev` or source makes it anew. */
export function composeTemplateSnapshot(input: TemplateInput): ComposeOutput {
  const { resource: template, observed, parameters } = input
  const step = templateStep(input)
  const place = {
    name: templateFactsName(template.metadata.name),
    namespace: taskNamespace,
    labels: labelsOf(template),
  }
  const mayBegin = canBuild(input)
  const jobs = Object.entries(jobUnlessDone(step, template, observed))
  const condition = databaseReady(input, step)
  const retry = retryOf(template)
  return {
    objects: {
      facts: makeConfigMap(place),
      'task-role': makeTaskRole(place, { secrets: [], configMaps: [place.name] }),
      'task-role-binding': makeTaskRoleBinding(place, parameters),
      ...Object.fromEntries(jobs.filter(([key]) => mayBegin || key in observed)),
    },
    status: {
      ...(retry === 0 ? {} : { observedRetry: retry }),
      database: databaseOf(input),
      ...factsOf(input),
      steps: pick(step.name, stepsOf([step], template, observed)),
    },
    conditions: [condition],
    ready: readinessOf([condition]),
    events: [],
    requires: {},
  }
}

/**
 * Only the step of the present source: were the other one remembered, a template that went from an installation to a
 * dump and back would count as built.
 */
function pick(name: string, steps: Readonly<Record<string, unknown>>) {
  return name in steps ? { [name]: steps[name] } : {}
}

function templateStep(input: TemplateInput): Step {
  const { resource: template, parameters } = input
  const { edition, odooVersion, modules, rev, source } = template.spec
  const { dump, filestore } = source
  const action = dump === undefined ? 'install' : 'import'
  return makeStep(template, {
    name: `template-${action}`,
    label: template.metadata.name,
    args: taskArgs.template({
      action,
      template: template.metadata.name,
      edition,
      major: odooVersion,
      database: databaseOf(input),
      ...(dump === undefined ? {} : { dump }),
      ...(filestore === undefined ? {} : { filestore }),
      modules,
      ...(rev === undefined ? {} : { rev }),
      namespace: taskNamespace,
      facts: templateFactsName(template.metadata.name),
    }),
    once: false,
    labels: labelsOf(template),
    parameters,
  })
}

function databaseOf({ resource: { spec }, parameters }: TemplateInput): string {
  return templateDatabaseName(spec.edition, spec.odooVersion, parameters.domains)
}

/** Where results about a template come back. Any legal name of a resource fits: the hash tells apart what had to be cut. */
export function templateFactsName(name: string): string {
  return jobName('facts', name.replaceAll('.', '-'), contentHash(name))
}

function labelsOf({ spec }: TemplateSnapshot) {
  return platformLabels('template', { [labelKeys.odooVersion]: spec.odooVersion })
}

/** An installation runs Odoo; a dump needs none. */
function canBuild({ resource: { spec }, parameters }: TemplateInput): boolean {
  return spec.source.dump !== undefined || parameters.majors.includes(spec.odooVersion)
}

/**
 * What the task told of its result, as far as the status has a field for it. A failure takes those facts away, but not
 * the template that they are about: until another takes its place the status keeps them.
 */
function factsOf({ resource, observed }: TemplateInput) {
  const told = recordOf(observed.facts?.data)
  const before = statusOf(resource)
  const { builtAt, seed, sizeBytes, modules } = 'sizeBytes' in told ? told : before
  const version = 'sizeBytes' in told ? told.odooVersion : before.installedVersion
  const { standbys } = told
  const size = Number(sizeBytes)
  const installed = Number(modules)
  const ready = Number(standbys)
  return {
    ...(typeof builtAt === 'string' ? { builtAt } : {}),
    ...(typeof version === 'string' ? { installedVersion: version } : {}),
    ...(typeof seed === 'string' ? { seed } : {}),
    ...(Number.isSafeInteger(size) && size > 0 ? { sizeBytes: size } : {}),
    ...(Number.isSafeInteger(installed) && installed > 0 ? { modules: installed } : {}),
    ...(Number.isSafeInteger(ready) ? { standbys: ready } : {}),
  }
}

function databaseReady(input: TemplateInput, step: Step): Condition {
  const condition = (status: 'True' | 'False', reason: string, message: string) =>
    makeCondition('DatabaseReady', status, { reason, message })
  const { resource: template, observed, parameters } = input
  const database = databaseOf(input)
  const state = stepState(step, template, observed)
  switch (state.phase) {
    case 'recorded':
    case 'succeeded':
      return condition('True', 'Built', `template database ${database}`)
    case 'running':
      return condition('False', 'Building', `template database ${database} is being built`)
    case 'failed': {
      const { error } = recordOf(observed.facts?.data)
      const reason = typeof error === 'string' && error !== '' ? error : state.message
      const before =
        factsOf(input).sizeBytes === undefined ? '' : '; the template before still serves'
      return condition('False', 'BuildFailed', `${reason}${before}`)
    }
    case 'wanted':
      break
  }
  if (canBuild(input))
    return condition('False', 'Building', `template database ${database} is next`)
  const major = template.spec.odooVersion
  const remedy = parameters.platform === 'machine' ? `: pulse runtime add ${major} --path DIR` : ''
  return condition('False', 'RuntimeMissing', `no runtime for Odoo ${major}${remedy}`)
}
