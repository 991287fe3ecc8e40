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
import { changed } from './changed.suite.ts'
import type { Story } from './story.suite.ts'

const maps = inside('updating', 'configmaps')

export const updatingStories: readonly Story[] = [
  {
    name: 'updating',
    rows: [
      { title: 'create', call: post(maps, configMap('a')) },
      {
        title: 'update',
        call: (seen) => put(`${maps}/a`, changed(seen, 'create', { data: { a: '2' } })),
      },
      { title: 'update nothing', call: (seen) => put(`${maps}/a`, changed(seen, 'update', {})) },
      {
        title: 'update what is stale',
        call: (seen) => put(`${maps}/a`, changed(seen, 'create', { data: { a: '3' } })),
      },
      {
        title: 'update without a version',
        call: put(`${maps}/a`, configMap('a', { data: { a: '4' } })),
      },
      {
        title: 'only try',
        call: put(`${maps}/a?dryRun=All`, configMap('a', { data: { a: '5' } })),
      },
      { title: 'try nothing', call: get(`${maps}/a`) },
      { title: 'update what is not there', call: put(`${maps}/none`, configMap('none')) },
      {
        title: 'update what is not there, with a version',
        call: put(`${maps}/none`, configMap('none', { metadata: { resourceVersion: '1' } })),
      },
      { title: 'another name in the body', call: put(`${maps}/a`, configMap('b')) },
      {
        title: 'another namespace in the body',
        call: put(`${maps}/a`, configMap('a', { metadata: { namespace: 'other' } })),
      },
      {
        title: 'another uid in the body',
        call: put(
          `${maps}/a`,
          configMap('a', { metadata: { uid: '11111111-1111-1111-1111-111111111111' } }),
        ),
      },
      {
        title: 'a version that is none',
        call: put(`${maps}/a`, configMap('a', { metadata: { resourceVersion: 'x' } })),
      },
      {
        title: 'no name in the body',
        call: put(`${maps}/a`, { apiVersion: 'v1', kind: 'ConfigMap', data: {} }),
      },
      {
        title: 'another kind in the body',
        call: put(`${maps}/a`, { ...configMap('a'), kind: 'Secret' }),
      },
      {
        title: 'labels and finalizers',
        call: put(
          `${maps}/a`,
          configMap('a', { metadata: { labels: { l: 'v' }, finalizers: ['example.com/hold'] } }),
        ),
      },
      {
        title: 'another birthday',
        call: put(
          `${maps}/a`,
          configMap('a', {
            metadata: {
              creationTimestamp: '2020-01-01T00:00:00Z',
              generation: 9,
              finalizers: ['example.com/hold'],
            },
          }),
        ),
      },
      {
        title: 'a death',
        call: put(
          `${maps}/a`,
          configMap('a', {
            metadata: {
              deletionTimestamp: '2020-01-01T00:00:00Z',
              finalizers: ['example.com/hold'],
            },
          }),
        ),
      },
      {
        title: 'as another manager',
        call: put(`${maps}/a?fieldManager=other`, configMap('a', { data: { a: '6', b: '1' } })),
      },
      {
        title: 'managed fields of nobody',
        call: put(`${maps}/a`, configMap('a', { metadata: { managedFields: [{}] } })),
      },
      {
        title: 'no managed fields',
        call: put(`${maps}/a`, configMap('a', { metadata: { managedFields: [] } })),
      },
      { title: 'make it immutable', call: put(`${maps}/a`, configMap('a', { immutable: true })) },
      {
        title: 'change what is immutable',
        call: put(`${maps}/a`, configMap('a', { immutable: true, data: { a: '9' } })),
      },
      {
        title: 'make it mutable again',
        call: put(`${maps}/a`, configMap('a', { immutable: false })),
      },
      {
        title: 'a deployment',
        call: post(inside('updating', 'deployments', 'apps/v1'), deployment('a')),
      },
      {
        title: 'a deployment chooses others',
        call: (seen) =>
          put(
            `${inside('updating', 'deployments', 'apps/v1')}/a`,
            changed(seen, 'a deployment', {
              spec: {
                ...deployment('a').spec,
                selector: { matchLabels: { app: 'b' } },
                template: {
                  metadata: { labels: { app: 'b' } },
                  spec: deployment('a').spec.template.spec,
                },
              },
            }),
          ),
      },
      {
        title: 'a deployment with another status',
        call: (seen) =>
          put(
            `${inside('updating', 'deployments', 'apps/v1')}/a`,
            changed(seen, 'a deployment', { status: { replicas: 9 } }),
          ),
      },
      {
        title: 'a deployment with more',
        call: put(
          `${inside('updating', 'deployments', 'apps/v1')}/a`,
          deployment('a', { replicas: 3 }),
        ),
      },
    ],
  },
  {
    name: 'updating-ours',
    rows: [
      { title: 'create', call: post(templates, template('pro-17')) },
      {
        title: 'update',
        call: (seen) =>
          put(
            `${templates}/pro-17`,
            changed(seen, 'create', { spec: template('pro-17', { rev: '2' }).spec }),
          ),
      },
      {
        title: 'update nothing',
        call: (seen) => put(`${templates}/pro-17`, changed(seen, 'update', {})),
      },
      {
        title: 'update what is stale',
        call: (seen) => put(`${templates}/pro-17`, changed(seen, 'create', {})),
      },
      {
        title: 'update without a version',
        call: put(`${templates}/pro-17`, template('pro-17', { rev: '3' })),
      },
      { title: 'update what is not there', call: put(`${templates}/pro-19`, template('pro-19')) },
      {
        title: 'labels alone',
        call: (seen) =>
          put(`${templates}/pro-17`, changed(seen, 'update', { metadata: { labels: { l: 'v' } } })),
      },
      {
        title: 'a field that never changes',
        call: (seen) =>
          put(
            `${templates}/pro-17`,
            changed(seen, 'labels alone', { spec: template('basic-17').spec }),
          ),
      },
      {
        title: 'the status by the main door',
        call: (seen) =>
          put(`${templates}/pro-17`, changed(seen, 'labels alone', { status: { database: 'x' } })),
      },
      {
        title: 'the status',
        call: (seen) =>
          put(
            `${templates}/pro-17/status`,
            changed(seen, 'labels alone', {
              status: { database: 'x', standbys: 1 },
              spec: template('pro-17', { rev: '9' }).spec,
            }),
          ),
      },
      {
        title: 'the status again',
        call: (seen) =>
          put(
            `${templates}/pro-17/status`,
            changed(seen, 'the status', { status: { database: 'y' } }),
          ),
      },
      {
        title: 'the status, stale',
        call: (seen) =>
          put(
            `${templates}/pro-17/status`,
            changed(seen, 'the status', { status: { database: 'z' } }),
          ),
      },
      {
        title: 'a status of another form',
        call: (seen) =>
          put(
            `${templates}/pro-17/status`,
            changed(seen, 'the status again', { status: { standbys: -1 } }),
          ),
      },
      {
        title: 'a status with an unknown field',
        call: (seen) =>
          put(
            `${templates}/pro-17/status?fieldValidation=Strict`,
            changed(seen, 'the status again', { status: { nothing: 1 } }),
          ),
      },
      {
        title: 'labels by the status',
        call: (seen) =>
          put(
            `${templates}/pro-17/status`,
            changed(seen, 'the status again', { metadata: { labels: { other: 'v' } } }),
          ),
      },
      {
        title: 'no status',
        call: (seen) =>
          put(
            `${templates}/pro-17/status`,
            changed(seen, 'labels by the status', { status: undefined }),
          ),
      },
      {
        title: 'patch the status',
        call: patch('merge', `${templates}/pro-17/status`, {
          status: { standbys: 2 },
          spec: { rev: '8' },
        }),
      },
      {
        title: 'patch the status by the main door',
        call: patch('merge', `${templates}/pro-17`, { status: { standbys: 5 } }),
      },
      { title: 'get', call: get(`${templates}/pro-17`) },
      { title: 'status of what is not there', call: get(`${templates}/pro-19/status`) },
      { title: 'it goes', call: remove(`${templates}/pro-17`) },
    ],
  },
]
