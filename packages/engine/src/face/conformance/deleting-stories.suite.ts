import {
  configMap,
  deployment,
  get,
  inside,
  patch,
  post,
  put,
  remove,
  template,
  templates,
} from './calls.suite.ts'
import type { Story } from './story.suite.ts'

const maps = inside('deleting', 'configmaps')
const held = { metadata: { finalizers: ['example.com/hold'] } }

export const deletingStories: readonly Story[] = [
  {
    name: 'deleting',
    rows: [
      ...['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({
        title: `create ${name}`,
        call: post(maps, configMap(name, { metadata: { labels: { [name]: 'yes', all: 'yes' } } })),
      })),
      { title: 'create one that is held', call: post(maps, configMap('held', held)) },
      { title: 'delete', call: remove(`${maps}/a`) },
      { title: 'delete again', call: remove(`${maps}/a`) },
      { title: 'delete what is held', call: remove(`${maps}/held`) },
      { title: 'delete what is held again', call: remove(`${maps}/held`) },
      { title: 'change what is going', call: patch('merge', `${maps}/held`, { data: { b: '2' } }) },
      {
        title: 'hold what is going once more',
        call: patch('merge', `${maps}/held`, {
          metadata: { finalizers: ['example.com/hold', 'example.com/more'] },
        }),
      },
      { title: 'create over what is going', call: post(maps, configMap('held')) },
      {
        title: 'let it go',
        call: patch('merge', `${maps}/held`, { metadata: { finalizers: null } }),
      },
      { title: 'it is gone', call: get(`${maps}/held`) },
      { title: 'only try', call: remove(`${maps}/b?dryRun=All`) },
      { title: 'only try, said in the body', call: remove(`${maps}/b`, { dryRun: ['All'] }) },
      { title: 'it is still there', call: get(`${maps}/b`) },
      {
        title: 'another uid',
        call: remove(`${maps}/b`, {
          preconditions: { uid: '11111111-1111-1111-1111-111111111111' },
        }),
      },
      {
        title: 'another version',
        call: remove(`${maps}/b`, { preconditions: { resourceVersion: '1' } }),
      },
      {
        title: 'the right uid',
        call: (seen) =>
          remove(`${maps}/b`, {
            kind: 'DeleteOptions',
            apiVersion: 'v1',
            preconditions: {
              uid: seen.text('create b', 'metadata', 'uid'),
              resourceVersion: seen.text('create b', 'metadata', 'resourceVersion'),
            },
          }),
      },
      {
        title: 'in the background',
        call: remove(`${maps}/c`, { propagationPolicy: 'Background' }),
      },
      {
        title: 'in the foreground',
        call: remove(`${maps}/d`, { propagationPolicy: 'Foreground' }),
      },
      { title: 'what goes in the foreground', call: get(`${maps}/d`) },
      { title: 'orphaning', call: remove(`${maps}/e?propagationPolicy=Orphan`) },
      { title: 'orphaning, in the old way', call: remove(`${maps}/f?orphanDependents=true`) },
      {
        title: 'in a way that is none',
        call: remove(`${maps}/f`, { propagationPolicy: 'Sideways' }),
      },
      {
        title: 'in two ways',
        call: remove(`${maps}/f`, { propagationPolicy: 'Background', orphanDependents: true }),
      },
      {
        title: 'with options of another kind',
        call: remove(`${maps}/f`, { kind: 'ConfigMap', apiVersion: 'v1' }),
      },
      { title: 'with options that are none', call: remove(`${maps}/f`, '{') },
      {
        title: 'with options in another form',
        call: remove(`${maps}/f`, '{}', { type: 'text/plain' }),
      },
      { title: 'with a grace that is none', call: remove(`${maps}/f?gracePeriodSeconds=soon`) },
      { title: 'with a negative grace', call: remove(`${maps}/f`, { gracePeriodSeconds: -5 }) },
      { title: 'what is not there', call: remove(`${maps}/none`) },
      {
        title: 'in a namespace that is not there',
        call: remove(`${inside('nowhere', 'configmaps')}/a`),
      },
      {
        title: 'a deployment',
        call: post(inside('deleting', 'deployments', 'apps/v1'), deployment('a')),
      },
      {
        title: 'delete a deployment',
        call: remove(`${inside('deleting', 'deployments', 'apps/v1')}/a`, {
          propagationPolicy: 'Background',
        }),
      },
      {
        title: 'a service',
        call: post(inside('deleting', 'services'), {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: 'a' },
          spec: { clusterIP: 'None', ports: [{ port: 80 }] },
        }),
      },
      { title: 'delete a service', call: remove(`${inside('deleting', 'services')}/a`) },
      {
        title: 'a claim',
        call: post(inside('deleting', 'persistentvolumeclaims'), {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: { name: 'a' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        }),
      },
      {
        title: 'delete a pod that nobody runs',
        call: post(inside('deleting', 'pods'), {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: 'a' },
          spec: { containers: [{ name: 'main', image: 'image' }] },
        }),
        view: () => undefined,
      },
      { title: 'it goes at once', call: remove(`${inside('deleting', 'pods')}/a`), view: kindOf },
      { title: 'a template', call: post(templates, template('basic-19')) },
      { title: 'delete a template', call: remove(`${templates}/basic-19`) },
      { title: 'delete a template again', call: remove(`${templates}/basic-19`) },
      {
        title: 'a namespace',
        call: post('/api/v1/namespaces', {
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name: 'deleting-more' },
        }),
      },
      { title: 'delete a namespace', call: remove('/api/v1/namespaces/deleting-more') },
      { title: 'a namespace that is going', call: get('/api/v1/namespaces/deleting-more') },
      {
        title: 'create in a namespace that is going',
        call: post(inside('deleting-more', 'configmaps'), configMap('a')),
      },
      { title: 'delete all namespaces', call: remove('/api/v1/namespaces') },
    ],
  },
  {
    name: 'deleting-many',
    rows: [
      ...['a', 'b', 'c'].map((name) => ({
        title: `create ${name}`,
        call: post(
          inside('deleting-many', 'configmaps'),
          configMap(name, { metadata: { labels: { [name]: 'yes' } } }),
        ),
      })),
      {
        title: 'create one that is held',
        call: post(inside('deleting-many', 'configmaps'), configMap('d', held)),
      },
      { title: 'only try', call: remove(`${inside('deleting-many', 'configmaps')}?dryRun=All`) },
      {
        title: 'by a label',
        call: remove(`${inside('deleting-many', 'configmaps')}?labelSelector=a`),
      },
      {
        title: 'by a name',
        call: remove(`${inside('deleting-many', 'configmaps')}?fieldSelector=metadata.name%3Db`),
      },
      {
        title: 'by a selector that is none',
        call: remove(`${inside('deleting-many', 'configmaps')}?labelSelector=a%20b`),
      },
      { title: 'all', call: remove(inside('deleting-many', 'configmaps')) },
      { title: 'what is left', call: get(inside('deleting-many', 'configmaps')) },
      { title: 'nothing', call: remove(inside('deleting-many', 'secrets')) },
      {
        title: 'let it go',
        call: put(`${inside('deleting-many', 'configmaps')}/d`, configMap('d')),
      },
    ],
  },
]

function kindOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'kind' in body && body.kind
}
