import { configMap, deployment, get, inside, post, template, templates } from './calls.suite.ts'
import type { Story } from './story.suite.ts'

const maps = inside('creating', 'configmaps')
const secrets = inside('creating', 'secrets')
const deployments = inside('creating', 'deployments', 'apps/v1')

const namespace = (name: string, more: object = {}) =>
  post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name, ...more } })

const secret = (name: string, content: object) =>
  post(secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name }, ...content })

const unnamed = (metadata: object) => post(maps, { apiVersion: 'v1', kind: 'ConfigMap', metadata })

/** A map of which the metadata is what matters. */
const marked = (name: string, metadata: object) => post(maps, configMap(name, { metadata }))

export const creatingStories: readonly Story[] = [
  {
    name: 'creating',
    rows: [
      {
        title: 'create',
        call: marked('a', { labels: { l: 'v' }, annotations: { n: 'v' } }),
      },
      { title: 'create again', call: post(maps, configMap('a')) },
      { title: 'only try', call: post(`${maps}?dryRun=All`, configMap('tried')) },
      { title: 'what was tried is not there', call: get(`${maps}/tried`) },
      { title: 'try what is there', call: post(`${maps}?dryRun=All`, configMap('a')) },
      { title: 'try in another way', call: post(`${maps}?dryRun=Some`, configMap('tried')) },
      {
        title: 'in a namespace that is not there',
        call: post(inside('nowhere', 'configmaps'), configMap('a')),
      },
      {
        title: 'another namespace in the body',
        call: marked('b', { namespace: 'other' }),
      },
      {
        title: 'the same namespace in the body',
        call: marked('b', { namespace: 'creating' }),
      },
      {
        title: 'another kind in the body',
        call: post(maps, { ...configMap('c'), kind: 'Secret' }),
      },
      {
        title: 'another version in the body',
        call: post(maps, { ...configMap('c'), apiVersion: 'v2' }),
      },
      { title: 'no kind in the body', call: post(maps, { metadata: { name: 'c' } }) },
      { title: 'no name', call: unnamed({}) },
      { title: 'no metadata', call: post(maps, { apiVersion: 'v1', kind: 'ConfigMap' }) },
      { title: 'no body', call: { method: 'POST', path: maps, type: 'application/json' } },
      { title: 'an empty body', call: post(maps, '') },
      { title: 'a body that is no JSON', call: post(maps, '{"a":') },
      { title: 'a body that is a list', call: post(maps, []) },
      { title: 'a body that is text', call: post(maps, '"text"') },
      { title: 'a body that is null', call: post(maps, 'null') },
      { title: 'a body in another form', call: post(maps, configMap('c'), { type: 'text/plain' }) },
      {
        title: 'a body of ours in another form',
        call: post(templates, template('pro-19'), { type: 'text/plain' }),
      },
      { title: 'a form', call: post(maps, 'a=b', { type: 'application/x-www-form-urlencoded' }) },
      {
        title: 'YAML',
        call: post(
          maps,
          'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: yaml}\ndata: {a: "1"}\n',
          { type: 'application/yaml' },
        ),
      },
      { title: 'YAML that is none', call: post(maps, 'a: [', { type: 'application/yaml' }) },
      {
        title: 'YAML, answered so',
        call: post(maps, 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: yaml-both}\n', {
          type: 'application/yaml',
          accept: 'application/yaml',
        }),
      },
      {
        title: 'JSON with a charset',
        call: post(maps, configMap('charset'), { type: 'application/json; charset=utf-8' }),
      },
      {
        title: 'a body that is too large',
        call: post(maps, configMap('large', { data: { a: 'x'.repeat(3 * 1024 * 1024) } })),
      },
      {
        title: 'content that is too large',
        call: post(maps, configMap('large', { data: { a: 'x'.repeat(1024 * 1024 + 1) } })),
      },
      {
        title: 'a version in the body',
        call: marked('versioned', { resourceVersion: '5' }),
      },
      {
        title: 'a uid in the body',
        call: marked('with-uid', {
          uid: '5',
          generation: 7,
          creationTimestamp: '2020-01-01T00:00:00Z',
        }),
      },
      {
        title: 'a deletion in the body',
        call: marked('deleted', {
          deletionTimestamp: '2020-01-01T00:00:00Z',
          deletionGracePeriodSeconds: 5,
        }),
      },
      {
        title: 'managed fields in the body',
        call: marked('managed', {
          managedFields: [
            {
              manager: 'me',
              operation: 'Apply',
              apiVersion: 'v1',
              fieldsType: 'FieldsV1',
              fieldsV1: { 'f:data': { 'f:a': {} } },
            },
          ],
        }),
      },
      { title: 'with a manager', call: post(`${maps}?fieldManager=me`, configMap('owned')) },
      {
        title: 'with a manager that is too long',
        call: post(`${maps}?fieldManager=${'m'.repeat(129)}`, configMap('owned-long')),
      },
      {
        title: 'as metadata',
        call: post(maps, configMap('partial'), {
          accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
        }),
      },
      {
        title: 'and answered in HTML',
        call: post(maps, configMap('html'), { accept: 'text/html' }),
      },
      { title: 'a name in upper case', call: post(maps, configMap('Upper')) },
      { title: 'a name with a slash', call: post(maps, configMap('a/b')) },
      { title: 'a name of 254 letters', call: post(maps, configMap('n'.repeat(254))) },
      {
        title: 'a name that is a number',
        call: post(maps, { ...configMap('x'), metadata: { name: 5 } }),
      },
      {
        title: 'a label that is none',
        call: marked('labels', { labels: { 'a b': 'c', ok: 'not ok' } }),
      },
      {
        title: 'a label that is a number',
        call: marked('labels', { labels: { a: 5 } }),
      },
      {
        title: 'an annotation that is none',
        call: marked('notes', { annotations: { 'a b': 'c' } }),
      },
      {
        title: 'annotations in upper case',
        call: marked('upper-notes', { annotations: { 'Example.com/A': 'c' } }),
      },
      {
        title: 'a finalizer that is none',
        call: marked('finalizers', { finalizers: ['a b'] }),
      },
      {
        title: 'a finalizer without a domain',
        call: marked('finalizers', { finalizers: ['plain'] }),
      },
      {
        title: 'an owner that is none',
        call: marked('owners', { ownerReferences: [{ name: 'a' }] }),
      },
      {
        title: 'two controllers',
        call: marked('owners', {
          ownerReferences: ['1', '2'].map((uid) => ({
            apiVersion: 'v1',
            kind: 'ConfigMap',
            name: 'a',
            uid,
            controller: true,
          })),
        }),
      },
      {
        title: 'an owner',
        call: marked('owned-by', {
          ownerReferences: [
            {
              apiVersion: 'v1',
              kind: 'ConfigMap',
              name: 'a',
              uid: '11111111-1111-1111-1111-111111111111',
              blockOwnerDeletion: true,
            },
          ],
        }),
      },
      { title: 'data that is no text', call: post(maps, configMap('numbers', { data: { a: 5 } })) },
      {
        title: 'a key that is none',
        call: post(maps, configMap('keys', { data: { 'a b': 'c' } })),
      },
      {
        title: 'the same key in both',
        call: post(maps, configMap('both', { data: { a: 'c' }, binaryData: { a: 'Yw==' } })),
      },
      {
        title: 'binary data that is none',
        call: post(maps, configMap('binary', { binaryData: { b: '???' } })),
      },
      {
        title: 'a generated name',
        call: unnamed({ generateName: 'made-' }),
        view: generated,
      },
      {
        title: 'a generated name and a name',
        call: marked('named', { generateName: 'made-' }),
      },
      {
        title: 'a generated name that is none',
        call: unnamed({ generateName: 'Made-' }),
        view: generated,
      },
      {
        title: 'a namespace',
        call: namespace('creating-more', { labels: { a: 'b' } }),
      },
      {
        title: 'the same namespace',
        call: namespace('creating-more'),
      },
      {
        title: 'a namespace with a name that is none',
        call: namespace('a.b'),
      },
      {
        title: 'a secret with plain text',
        call: secret('a', { stringData: { a: 'b' }, data: { c: 'ZA==' } }),
      },
      {
        title: 'a secret that is not encoded',
        call: secret('b', { data: { c: '???' } }),
      },
      {
        title: 'a deployment',
        call: post(deployments, deployment('a')),
      },
      {
        title: 'a deployment without a template',
        call: post(deployments, {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: 'b' },
          spec: {},
        }),
      },
      {
        title: 'a deployment that chooses others',
        call: post(deployments, deployment('b', { selector: { matchLabels: { app: 'other' } } })),
      },
      {
        title: 'a deployment with a negative number',
        call: post(deployments, deployment('b', { replicas: -1 })),
      },
      {
        title: 'a deployment with a word for a number',
        call: post(deployments, deployment('b', { replicas: 'two' })),
      },
      {
        title: 'a deployment with a status',
        call: post(deployments, {
          ...deployment('stated'),
          status: { replicas: 7 },
        }),
      },
    ],
  },
]

function generated(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body).replace(/made-[a-z0-9]{5}"/g, 'made-<5>"'))
}
