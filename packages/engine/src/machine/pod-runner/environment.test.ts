import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import { makeEnvironment } from './environment.ts'
import { parsePod } from './pod.ts'
import { makeSources, sourcesOf } from './sources.ts'

const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'pg', namespace: 'acme' },
  data: { PGPASSWORD: Buffer.from('s3cret').toString('base64'), 'not-a-name': 'eA==' },
}
const settings = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'acme' },
  data: { LEVEL: 'debug' },
}

test('an environment is what the Pod says and nothing else', () => {
  const { variables, invalidNames } = environmentOf({
    envFrom: [{ prefix: 'A_', configMapRef: { name: 'settings' } }, { secretRef: { name: 'pg' } }],
    env: [
      { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      { name: 'URL', value: 'http://$(POD_IP):$(A_LEVEL)/$(LATER)' },
      { name: 'LATER', value: 'x' },
      { name: 'APP', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
      { name: 'CORES', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
      { name: 'BYTES', valueFrom: { resourceFieldRef: { resource: 'limits.memory' } } },
      { name: 'NONE', valueFrom: { secretKeyRef: { name: 'pg', key: 'no', optional: true } } },
    ],
    resources: { limits: { memory: '1Mi' } },
  })
  expect(Object.fromEntries(variables)).toEqual({
    HOME: '/home',
    A_LEVEL: 'debug',
    PGPASSWORD: 's3cret',
    POD_IP: '127.64.1.1',
    URL: 'http://127.64.1.1:debug/$(LATER)',
    LATER: 'x',
    APP: 'odoo',
    CORES: '2',
    BYTES: '1048576',
  })
  expect(invalidNames).toEqual(['not-a-name'])
})

test('where a mount really lies wins over what the Pod was told', () => {
  const { variables } = environmentOf(
    {
      env: [
        { name: 'PULSE_MOUNT_CONFIG', value: '/etc/odoo' },
        { name: 'FILE', value: '$(PULSE_MOUNT_CONFIG)/odoo.conf' },
      ],
    },
    { PULSE_MOUNT_CONFIG: '/real' },
  )
  expect(variables.get('FILE')).toBe('/real/odoo.conf')
})

test.each([
  [{ env: [keyOf('absent', 'k')] }, 'secret "absent" not found'],
  [{ env: [keyOf('pg', 'absent')] }, "couldn't find key absent in Secret acme/pg"],
  [{ envFrom: [{ configMapRef: { name: 'gone' } }] }, 'configmap "gone" not found'],
])('what is missing is named: %j', (container, message) => {
  expect(() => environmentOf(container)).toThrow(message)
})

test('a container names each source once', () => {
  const pod = podWith({ env: [keyOf('pg', 'a'), keyOf('pg', 'b')], envFrom: [] })
  const [container] = pod.containers
  expect(container && sourcesOf(pod, container).map(({ name }) => name)).toEqual(['pg'])
})

function keyOf(name: string, key: string) {
  return { name: 'X', valueFrom: { secretKeyRef: { name, key } } }
}

function podWith(container: object) {
  return parsePod({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'acme', uid: 'u', labels: { app: 'odoo' } },
    spec: { containers: [{ name: 'c', image: 'i', ...container }] },
  })
}

function environmentOf(container: object, overrides: Record<string, string> = {}) {
  const pod = podWith(container)
  const [parsed] = pod.containers
  if (!parsed) throw new Error('no container')
  return makeEnvironment({
    pod,
    container: parsed,
    sources: makeSources([secret, settings]),
    podIP: '127.64.1.1',
    capacity: { cpus: 2, memoryBytes: 1 },
    base: { HOME: '/home' },
    overrides,
  })
}
