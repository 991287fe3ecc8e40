import {
  configMap,
  deployment,
  inside,
  patch,
  post,
  remove,
  template,
  templates,
} from './calls.suite.ts'
import type { Story } from './story.suite.ts'

const maps = inside('patching', 'configmaps')
const map = `${maps}/a`
const deployments = inside('patching', 'deployments', 'apps/v1')

/** A strategic merge patch of the deployment's containers. */
const ofContainers = (...containers: readonly object[]) =>
  patch('strategic', `${deployments}/a`, { spec: { template: { spec: { containers } } } })

export const patchingStories: readonly Story[] = [
  {
    name: 'patching',
    rows: [
      { title: 'create', call: post(maps, configMap('a')) },
      {
        title: 'merge',
        call: patch('merge', map, {
          data: { b: '2', a: null },
        }),
      },
      { title: 'merge nothing', call: patch('merge', map, {}) },
      {
        title: 'merge what is stale',
        call: (seen) =>
          patch('merge', map, {
            metadata: { resourceVersion: seen.text('create', 'metadata', 'resourceVersion') },
            data: { c: '1' },
          }),
      },
      {
        title: 'merge into what is not there',
        call: patch('merge', `${maps}/none`, { data: {} }),
      },
      {
        title: 'merge another name',
        call: patch('merge', map, { metadata: { name: 'b' } }),
      },
      {
        title: 'merge another namespace',
        call: patch('merge', map, {
          metadata: { namespace: 'b' },
        }),
      },
      {
        title: 'merge another kind',
        call: patch('merge', map, { kind: 'Secret' }),
      },
      {
        title: 'merge another uid',
        call: patch('merge', map, { metadata: { uid: '5' } }),
      },
      { title: 'merge a list', call: patch('merge', map, []) },
      {
        title: 'merge what is not allowed',
        call: patch('merge', map, { data: { 'a b': 'c' } }),
      },
      {
        title: 'merge what is of another type',
        call: patch('merge', map, { data: { a: 5 } }),
      },
      {
        title: 'merge what is no JSON',
        call: patch('merge', map, '{'),
      },
      {
        title: 'only try to merge',
        call: patch('merge', `${map}?dryRun=All`, {
          data: { tried: '1' },
        }),
      },
      {
        title: 'JSON',
        call: patch('json', map, [
          { op: 'add', path: '/data/c', value: '3' },
          { op: 'test', path: '/data/b', value: '2' },
        ]),
      },
      {
        title: 'JSON: a test that fails',
        call: patch('json', map, [{ op: 'test', path: '/data/b', value: '9' }]),
      },
      {
        title: 'JSON: remove what is not there',
        call: patch('json', map, [{ op: 'remove', path: '/data/none' }]),
      },
      {
        title: 'JSON: replace what is not there',
        call: patch('json', map, [
          { op: 'replace', path: '/data/none', value: 'x' },
          { op: 'remove', path: '/data/none' },
        ]),
      },
      {
        title: 'JSON: below what is not there',
        call: patch('json', map, [{ op: 'add', path: '/none/deep', value: 'x' }]),
      },
      {
        title: 'JSON: an operation that is none',
        call: patch('json', map, [{ op: 'swap', path: '/data/b' }]),
      },
      {
        title: 'JSON: no list',
        call: patch('json', map, { op: 'add' }),
      },
      {
        title: 'JSON: move and copy',
        call: patch('json', map, [
          { op: 'copy', from: '/data/b', path: '/data/d' },
          { op: 'move', from: '/data/c', path: '/data/e' },
        ]),
      },
      {
        title: 'strategic',
        call: patch('strategic', map, {
          data: { f: '6' },
          metadata: { labels: { l: 'v' } },
        }),
      },
      {
        title: 'with JSON, which is no patch',
        call: {
          method: 'PATCH',
          path: map,
          body: {},
          type: 'application/json',
        },
      },
      {
        title: 'no kind of patch said',
        call: {
          method: 'PATCH',
          path: map,
          headers: { 'Content-Length': '0' },
        },
      },
      { title: 'a deployment', call: post(deployments, deployment('a')) },
      {
        title: 'strategic: one container of two',
        call: ofContainers({ name: 'side', image: 'other' }),
      },
      {
        title: 'strategic: a container goes',
        call: ofContainers({ name: 'side', $patch: 'delete' }),
      },
      {
        title: 'strategic: variables and ports',
        call: ofContainers({
          name: 'main',
          env: [
            { name: 'A', value: '1' },
            { name: 'B', value: '2' },
          ],
          ports: [{ containerPort: 80 }],
        }),
      },
      {
        title: 'strategic: one variable of two',
        call: ofContainers({ name: 'main', env: [{ name: 'B', value: '3' }] }),
      },
      {
        title: 'strategic: the order of a list',
        call: ofContainers({
          name: 'main',
          env: [
            { name: 'C', value: '3' },
            { name: 'A', value: '1' },
          ],
          '$setElementOrder/env': [{ name: 'C' }, { name: 'A' }, { name: 'B' }],
        }),
      },
      {
        title: 'strategic: a list as a whole',
        call: ofContainers({
          name: 'main',
          env: [{ $patch: 'replace' }, { name: 'D', value: '4' }],
        }),
      },
      {
        title: 'strategic: without the key of a list',
        call: ofContainers({ image: 'keyless' }),
      },
      {
        title: 'strategic: keys kept',
        call: patch('strategic', `${deployments}/a`, {
          spec: { template: { metadata: { labels: { $retainKeys: ['app'], app: 'a' } } } },
        }),
      },
      {
        title: 'strategic: a strategy with keys kept',
        call: patch('strategic', `${deployments}/a`, {
          spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } },
        }),
      },
      {
        title: 'merge: a list as a whole',
        call: patch('merge', `${deployments}/a`, {
          spec: { template: { spec: { containers: [{ name: 'only', image: 'only' }] } } },
        }),
      },
      {
        title: 'merge: what never changes',
        call: patch('merge', `${deployments}/a`, {
          spec: { selector: { matchLabels: { app: 'b' } } },
        }),
      },
      {
        title: 'the status of a deployment',
        call: patch('merge', `${deployments}/a/status`, {
          status: { replicas: 4, observedGeneration: 2 },
          spec: { replicas: 9 },
        }),
      },
      { title: 'a template', call: post(templates, template('pro-18')) },
      { title: 'ours: merge', call: patch('merge', `${templates}/pro-18`, { spec: { rev: '5' } }) },
      {
        title: 'ours: JSON',
        call: patch('json', `${templates}/pro-18`, [
          { op: 'replace', path: '/spec/rev', value: '6' },
        ]),
      },
      {
        title: 'ours: a test that fails',
        call: patch('json', `${templates}/pro-18`, [{ op: 'test', path: '/spec/rev', value: '7' }]),
      },
      {
        title: 'ours: strategic',
        call: patch('strategic', `${templates}/pro-18`, { spec: { rev: '7' } }),
      },
      {
        title: 'ours: unknown, strictly',
        call: patch('merge', `${templates}/pro-18?fieldValidation=Strict`, {
          spec: { revision: '7' },
        }),
      },
      {
        title: 'ours: unknown, with a warning',
        call: patch('merge', `${templates}/pro-18`, { spec: { revision: '7' } }),
      },
      {
        title: 'ours: unknown in JSON, strictly',
        call: patch('json', `${templates}/pro-18?fieldValidation=Strict`, [
          { op: 'add', path: '/spec/revision', value: '7' },
        ]),
      },
      {
        title: 'ours: what is not allowed',
        call: patch('merge', `${templates}/pro-18`, { spec: { modules: 'sale' } }),
      },
      {
        title: 'ours: what never changes',
        call: patch('merge', `${templates}/pro-18`, { spec: { edition: 'basic' } }),
      },
      {
        title: 'ours: a field goes',
        call: patch('merge', `${templates}/pro-18`, { spec: { rev: null } }),
      },
      {
        title: 'ours: a default comes back',
        call: patch('merge', `${templates}/pro-18`, { spec: { modules: null } }),
      },
      {
        title: 'ours: what is not there',
        call: patch('merge', `${templates}/pro-19`, { spec: { rev: '7' } }),
      },
      { title: 'it goes', call: remove(`${templates}/pro-18`) },
    ],
  },
]
