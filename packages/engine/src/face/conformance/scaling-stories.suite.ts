import { isRecord } from '@pulse/api'
import { client, clients, deployment, get, inside, patch, post, put } from './calls.suite.ts'
import { changed } from './changed.suite.ts'
import { letGo } from './letting-go.suite.ts'
import type { Story } from './story.suite.ts'

const scales = inside('scaling', 'deployments', 'apps/v1')

export const scalingStories: readonly Story[] = [
  {
    name: 'scaling',
    rows: [
      { title: 'create', call: post(scales, deployment('a')) },
      { title: 'get', call: get(`${scales}/a/scale`) },
      { title: 'of what is not there', call: get(`${scales}/none/scale`) },
      { title: 'merge', call: patch('merge', `${scales}/a/scale`, { spec: { replicas: 2 } }) },
      {
        title: 'JSON',
        call: patch('json', `${scales}/a/scale`, [
          { op: 'replace', path: '/spec/replicas', value: 3 },
        ]),
      },
      {
        title: 'merge less than nothing',
        call: patch('merge', `${scales}/a/scale`, { spec: { replicas: -1 } }),
      },
      {
        title: 'merge a word',
        call: patch('merge', `${scales}/a/scale`, { spec: { replicas: 'two' } }),
      },
      {
        title: 'update',
        call: (seen) => put(`${scales}/a/scale`, changed(seen, 'JSON', { spec: { replicas: 4 } })),
      },
      {
        title: 'update what is stale',
        call: (seen) => put(`${scales}/a/scale`, changed(seen, 'get', { spec: { replicas: 5 } })),
      },
      {
        title: 'update without a version',
        call: put(`${scales}/a/scale`, {
          apiVersion: 'autoscaling/v1',
          kind: 'Scale',
          metadata: { name: 'a', namespace: 'scaling' },
          spec: { replicas: 6 },
        }),
      },
      { title: 'update with the whole object', call: put(`${scales}/a/scale`, deployment('a')) },
      {
        title: 'update to nothing',
        call: put(`${scales}/a/scale`, {
          apiVersion: 'autoscaling/v1',
          kind: 'Scale',
          metadata: { name: 'a', namespace: 'scaling' },
          spec: {},
        }),
      },
      { title: 'what became of it', call: get(`${scales}/a`) },
    ],
  },
  {
    name: 'clients',
    rows: [
      { title: 'create', call: post(clients, client('clients-a')) },
      {
        title: 'a plan that includes more',
        call: patch('merge', `${clients}/clients-a`, {
          spec: { tier: 'enterprise', resources: 'enterprise' },
        }),
      },
      {
        title: 'a subdomain that never changes',
        call: patch('merge', `${clients}/clients-a`, { spec: { subdomain: 'clients-b' } }),
      },
      {
        title: 'conditions by the status',
        call: patch('merge', `${clients}/clients-a/status`, {
          status: {
            conditions: [
              {
                type: 'Ready',
                status: 'True',
                reason: 'Available',
                lastTransitionTime: '2026-01-01T00:00:00Z',
              },
            ],
            url: 'http://clients-a.localhost',
          },
        }),
      },
      {
        title: 'a condition that is none',
        call: patch('merge', `${clients}/clients-a/status`, {
          status: { conditions: [{ type: 'Ready' }] },
        }),
      },
      {
        title: 'as a table',
        call: get(`${clients}/clients-a`, {
          accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
        }),
        view: cells,
      },
      ...letGo('clients-a'),
    ],
  },
]

function cells(body: unknown): unknown {
  return (
    isRecord(body) && Array.isArray(body.rows) && body.rows.map((row) => row.cells.slice(0, -1))
  )
}
