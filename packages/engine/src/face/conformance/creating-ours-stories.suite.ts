import {
  client,
  clients,
  configMap,
  deployment,
  get,
  inside,
  post,
  remove,
  template,
  templates,
} from './calls.suite.ts'
import { letGo } from './letting-go.suite.ts'
import type { Story } from './story.suite.ts'

const misspelt = template('basic-18', { module: ['sale'] })

export const creatingOursStories: readonly Story[] = [
  {
    name: 'creating-ours',
    rows: [
      { title: 'create', call: post(templates, template('basic-18')) },
      { title: 'create again', call: post(templates, template('basic-18')) },
      { title: 'only try', call: post(`${templates}?dryRun=All`, template('basic-19')) },
      { title: 'what was tried is not there', call: get(`${templates}/basic-19`) },
      {
        title: 'with a status',
        call: post(templates, { ...template('basic-19'), status: { database: 'x' } }),
      },
      { title: 'a client', call: post(clients, client('creating-ours')) },
      {
        title: 'a client with its parts',
        call: post(
          clients,
          client('creating-parts', {
            aliases: [],
            modules: ['sale', 'crm'],
            settings: { language: 'bg_BG', country: 'BG' },
            deletionPolicy: { retainDays: 3 },
          }),
        ),
      },
      {
        title: 'unknown, strictly',
        call: post(`${templates}?fieldValidation=Strict`, {
          ...misspelt,
          metadata: { name: 'pro-18' },
        }),
      },
      {
        title: 'unknown, with a warning',
        call: post(`${templates}?fieldValidation=Warn`, template('pro-18', { module: ['sale'] })),
      },
      {
        title: 'unknown, ignored',
        call: post(
          `${templates}?fieldValidation=Ignore&dryRun=All`,
          template('pro-19', { module: ['sale'] }),
        ),
      },
      {
        title: 'unknown, and nothing said',
        call: post(`${templates}?dryRun=All`, template('pro-19', { module: ['sale'] })),
      },
      {
        title: 'unknown, in another way',
        call: post(`${templates}?fieldValidation=Other`, template('pro-19')),
      },
      {
        title: 'unknown at the top, strictly',
        call: post(`${templates}?fieldValidation=Strict&dryRun=All`, {
          ...template('pro-19'),
          more: 1,
        }),
      },
      {
        title: 'unknown at the top, with a warning',
        call: post(`${templates}?dryRun=All`, { ...template('pro-19'), more: 1 }),
      },
      {
        title: 'unknown in metadata, strictly',
        call: post(`${templates}?fieldValidation=Strict&dryRun=All`, {
          ...template('pro-19'),
          metadata: { name: 'pro-19', label: {} },
        }),
      },
      {
        title: 'twice the same field, strictly',
        call: post(
          `${templates}?fieldValidation=Strict&dryRun=All`,
          '{"apiVersion":"planapulse.com/v1alpha1","kind":"TemplateSnapshot","metadata":{"name":"pro-19"},"spec":{"edition":"pro","edition":"pro","odooVersion":"19","source":{"install":{}}}}',
        ),
      },
      {
        title: 'twice the same field, with a warning',
        call: post(
          `${templates}?dryRun=All`,
          '{"apiVersion":"planapulse.com/v1alpha1","kind":"TemplateSnapshot","metadata":{"name":"pro-19"},"spec":{"edition":"pro","edition":"pro","odooVersion":"19","source":{"install":{}}}}',
        ),
      },
      {
        title: 'unknown in a built-in kind, strictly',
        call: post(
          `${inside('creating-ours', 'configmaps')}?fieldValidation=Strict`,
          configMap('strict', { more: 1 }),
        ),
      },
      {
        title: 'unknown in a built-in kind, with a warning',
        call: post(inside('creating-ours', 'configmaps'), configMap('warned', { more: 1 })),
      },
      {
        title: 'unknown deep in a built-in kind, with a warning',
        call: post(
          inside('creating-ours', 'deployments', 'apps/v1'),
          deployment('warned', { replica: 1 }),
        ),
      },
      {
        title: 'a value that is not allowed',
        call: post(templates, template('pro-19', { odooVersion: '12' })),
      },
      {
        title: 'values of another type',
        call: post(templates, template('pro-19', { modules: 'sale' })),
      },
      {
        title: 'no spec',
        call: post(templates, {
          apiVersion: 'planapulse.com/v1alpha1',
          kind: 'TemplateSnapshot',
          metadata: { name: 'pro-19' },
        }),
      },
      {
        title: 'a missing field',
        call: post(clients, client('creating-missing', { ownerEmail: undefined })),
      },
      {
        title: 'a number out of range',
        call: post(clients, client('creating-range', { projectId: -1 })),
      },
      {
        title: 'a text that breaks its pattern',
        call: post(clients, client('creating-pattern', { settings: { currency: 'euro' } })),
      },
      {
        title: 'several mistakes',
        call: post(
          clients,
          client('creating-mistakes', {
            projectId: -1,
            tier: 'gold',
            settings: { currency: 'euro' },
          }),
        ),
      },
      {
        title: 'a set with a repeated member',
        call: post(clients, client('creating-set', { modules: ['sale', 'sale'] })),
      },
      {
        title: 'another kind in the body',
        call: post(templates, { ...template('pro-19'), kind: 'PLANAClient' }),
      },
      {
        title: 'another version in the body',
        call: post(templates, { ...template('pro-19'), apiVersion: 'planapulse.com/v2' }),
      },
      { title: 'no kind in the body', call: post(templates, { metadata: { name: 'pro-19' } }) },
      { title: 'no name', call: post(templates, { ...template('pro-19'), metadata: {} }) },
      {
        title: 'a namespace in the body',
        call: post(`${templates}?dryRun=All`, {
          ...template('pro-19'),
          metadata: { name: 'pro-19', namespace: 'creating-ours' },
        }),
      },
      { title: 'an empty body', call: post(templates, '') },
      { title: 'a body that is no JSON', call: post(templates, '{"a":') },
      {
        title: 'null for a field with a default',
        call: post(`${templates}?dryRun=All`, template('pro-19', { modules: null })),
      },
      {
        title: 'null for a field without one',
        call: post(`${templates}?dryRun=All`, template('pro-19', { rev: null })),
      },
      ...letGo('creating-ours', 'creating-parts'),
      ...['basic-18', 'basic-19', 'pro-18'].map((name) => ({
        title: `${name} goes`,
        call: remove(`${templates}/${name}`),
      })),
    ],
  },
]
