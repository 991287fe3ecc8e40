import { get, inside, patch, remove, template, templates } from './calls.suite.ts'
import type { Story } from './story.suite.ts'

export const applyingStories: readonly Story[] = [
  {
    name: 'applying',
    rows: applyingRows(),
  },
]

function applyingRows() {
  const path = `${inside('applying', 'configmaps')}/a`
  const applied = (data: Readonly<Record<string, string>>, name = 'a') => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data,
  })
  const owned = `${templates}/pro-19`
  const deployed = `${inside('applying', 'deployments', 'apps/v1')}/a`
  const part = (containers: readonly unknown[]) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'a' },
    spec: {
      selector: { matchLabels: { app: 'a' } },
      template: { metadata: { labels: { app: 'a' } }, spec: { containers } },
    },
  })
  return [
    { title: 'without a manager', call: patch('apply', path, applied({ a: '1' })) },
    {
      title: 'create',
      call: patch('apply', `${path}?fieldManager=one`, applied({ a: '1', b: '1' })),
    },
    {
      title: 'the same again',
      call: patch('apply', `${path}?fieldManager=one`, applied({ a: '1', b: '1' })),
    },
    {
      title: 'a field goes with its manager',
      call: patch('apply', `${path}?fieldManager=one`, applied({ a: '1' })),
    },
    {
      title: 'another manager adds',
      call: patch('apply', `${path}?fieldManager=two`, applied({ c: '1' })),
    },
    {
      title: 'the same value is shared',
      call: patch('apply', `${path}?fieldManager=two`, applied({ c: '1', a: '1' })),
    },
    {
      title: 'another value is a conflict',
      call: patch('apply', `${path}?fieldManager=two`, applied({ c: '1', a: '2' })),
    },
    {
      title: 'several conflicts',
      call: patch('apply', `${path}?fieldManager=three`, applied({ c: '2', a: '2' })),
    },
    {
      title: 'force',
      call: patch('apply', `${path}?fieldManager=two&force=true`, applied({ c: '1', a: '2' })),
    },
    { title: 'who is left', call: get(path) },
    {
      title: 'an update takes over',
      call: patch('merge', `${path}?fieldManager=hand`, { data: { a: '3' } }),
    },
    {
      title: 'a conflict with an update',
      call: patch('apply', `${path}?fieldManager=two`, applied({ a: '2' })),
    },
    {
      title: 'force in another word',
      call: patch('apply', `${path}?fieldManager=two&force=yes`, applied({ a: '2' })),
    },
    { title: 'force elsewhere', call: patch('merge', `${path}?force=true`, { data: {} }) },
    {
      title: 'only try',
      call: patch('apply', `${path}?fieldManager=try&dryRun=All`, applied({ t: '1' })),
    },
    {
      title: 'with managed fields',
      call: patch('apply', `${path}?fieldManager=one`, {
        ...applied({ a: '3' }),
        metadata: { name: 'a', managedFields: [{ manager: 'x' }] },
      }),
    },
    {
      title: 'with an old version',
      call: patch('apply', `${path}?fieldManager=five`, {
        ...applied({ e: '3' }),
        metadata: { name: 'a', resourceVersion: '1' },
      }),
    },
    {
      title: 'with another name',
      call: patch('apply', `${path}?fieldManager=one`, applied({ a: '3' }, 'b')),
    },
    {
      title: 'without a kind',
      call: patch('apply', `${path}?fieldManager=one`, { metadata: { name: 'a' } }),
    },
    {
      title: 'without a name',
      call: patch('apply', `${path}?fieldManager=six`, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        data: { six: '1' },
      }),
    },
    {
      title: 'YAML',
      call: {
        method: 'PATCH',
        path: `${path}?fieldManager=yaml`,
        type: 'application/apply-patch+yaml',
        body: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  yaml: "1"\n',
      },
    },
    {
      title: 'what is no YAML',
      call: {
        method: 'PATCH',
        path: `${path}?fieldManager=yaml`,
        type: 'application/apply-patch+yaml',
        body: 'a: [',
      },
    },
    {
      title: 'in a namespace that is not there',
      call: patch(
        'apply',
        `${inside('nowhere', 'configmaps')}/a?fieldManager=one`,
        applied({ a: '1' }),
      ),
    },
    {
      title: 'unknown, strictly',
      call: patch('apply', `${path}?fieldManager=one&fieldValidation=Strict`, {
        ...applied({ a: '3' }),
        more: 1,
      }),
    },
    {
      title: 'nothing of it any more',
      call: patch('apply', `${path}?fieldManager=yaml`, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'a' },
      }),
    },
    { title: 'who is left at the end', call: get(path) },
    {
      title: 'a deployment',
      call: patch(
        'apply',
        `${deployed}?fieldManager=one`,
        part([{ name: 'main', image: 'image' }]),
      ),
    },
    {
      title: 'a container of another',
      call: patch(
        'apply',
        `${deployed}?fieldManager=two`,
        part([{ name: 'side', image: 'image' }]),
      ),
    },
    {
      title: "another's image is a conflict",
      call: patch(
        'apply',
        `${deployed}?fieldManager=two`,
        part([{ name: 'main', image: 'other' }]),
      ),
    },
    {
      title: 'a container goes with its manager',
      call: patch('apply', `${deployed}?fieldManager=two`, {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'a' },
      }),
    },
    {
      title: 'two of the same key',
      call: patch(
        'apply',
        `${deployed}?fieldManager=two`,
        part([
          { name: 'main', image: 'image' },
          { name: 'main', image: 'image' },
        ]),
      ),
    },
    {
      title: 'ours: create',
      call: patch('apply', `${owned}?fieldManager=one`, template('pro-19', { modules: ['sale'] })),
    },
    {
      title: 'ours: a set of two',
      call: patch('apply', `${owned}?fieldManager=two`, {
        ...template('pro-19'),
        spec: { modules: ['crm'] },
      }),
    },
    {
      title: 'ours: a member goes',
      call: patch('apply', `${owned}?fieldManager=two`, {
        ...template('pro-19'),
        spec: { modules: [] },
      }),
    },
    {
      title: 'ours: a revision',
      call: patch('apply', `${owned}?fieldManager=two`, {
        ...template('pro-19'),
        spec: { rev: '1' },
      }),
    },
    {
      title: 'ours: a conflict',
      call: patch('apply', `${owned}?fieldManager=four`, {
        ...template('pro-19'),
        spec: { rev: '2' },
      }),
    },
    {
      title: 'ours: the status by the main door',
      call: patch('apply', `${owned}?fieldManager=three`, {
        apiVersion: 'planapulse.com/v1alpha1',
        kind: 'TemplateSnapshot',
        metadata: { name: 'pro-19' },
        status: { database: 'x' },
      }),
    },
    {
      title: 'ours: the status',
      call: patch('apply', `${owned}/status?fieldManager=three`, {
        apiVersion: 'planapulse.com/v1alpha1',
        kind: 'TemplateSnapshot',
        metadata: { name: 'pro-19' },
        status: { database: 'x' },
      }),
    },
    {
      title: 'ours: a status that is not there',
      call: patch('apply', `${templates}/pro-18/status?fieldManager=three`, {
        apiVersion: 'planapulse.com/v1alpha1',
        kind: 'TemplateSnapshot',
        metadata: { name: 'pro-18' },
        status: { database: 'x' },
      }),
    },
    {
      title: 'ours: unknown, strictly',
      call: patch(
        'apply',
        `${owned}?fieldManager=one&fieldValidation=Strict`,
        template('pro-19', { module: [] }),
      ),
    },
    {
      title: 'ours: not allowed',
      call: patch('apply', `${owned}?fieldManager=one`, template('pro-19', { modules: 'sale' })),
    },
    { title: 'it goes', call: remove(owned) },
  ]
}
