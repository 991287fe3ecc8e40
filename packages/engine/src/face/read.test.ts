import { afterEach, describe, expect, test } from 'vitest'
import { createAsk } from './ask.suite.ts'
import {
  configMap,
  createWithStatus,
  logLines,
  manager,
  pod,
  type RunningFace,
  startFace,
} from './harness.suite.ts'

let face: RunningFace
afterEach(() => face.close())

const { ask } = createAsk(() => face.url)

const configMaps = '/api/v1/namespaces/default/configmaps'
const tableType = 'application/json;as=Table;v=v1;g=meta.k8s.io'

describe('lists', () => {
  test('come in pages, as tables, as metadata and as YAML', async () => {
    face = await startFace()
    for (const name of ['a', 'b', 'c']) await face.objects.create(configMap(name), manager)
    const { json } = await ask(`${configMaps}?limit=2`)
    expect(json).toMatchObject({ kind: 'ConfigMapList', metadata: { remainingItemCount: 1 } })
    const rest = await ask(
      `${configMaps}?limit=2&continue=${encodeURIComponent(json.metadata.continue)}`,
    )
    expect(rest.json.items).toMatchObject([{ metadata: { name: 'c' } }])

    const table = await ask(`${configMaps}?includeObject=Object`, { accept: tableType })
    expect(table.json).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' })
    expect(table.json.columnDefinitions[0]).toMatchObject({
      name: 'Name',
      format: 'name',
      priority: 0,
    })
    expect(table.json.rows[0]).toMatchObject({ object: { kind: 'ConfigMap' } })
    expect(table.json.rows[0].cells[0]).toBe('a')
    const bare = await ask(`${configMaps}?includeObject=None`, { accept: tableType })
    expect(bare.json.rows[0]).not.toHaveProperty('object')

    const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'
    expect((await ask(configMaps, { accept })).json.items[0]).not.toHaveProperty('data')
    expect((await ask(`${configMaps}/a`, { accept: 'application/yaml' })).text).toContain('name: a')
  })
})

describe('logs', () => {
  test('are asked for by container, and a missing time is said', async () => {
    const asked: object[] = []
    face = await startFace({
      now: () => new Date('2026-01-01T00:01:00Z'),
      openLog: async ({ pod: { metadata }, ...request }) => {
        asked.push({ ...request, name: metadata.name })
        return logLines(['one', 'two'])
      },
    })
    await createWithStatus(face.objects, pod('web'))
    const path = '/api/v1/namespaces/default/pods/web/log'
    const query =
      'container=odoo&follow=true&tailLines=7&sinceSeconds=30&limitBytes=9&timestamps=true'
    const { text, headers } = await ask(`${path}?${query}`)
    expect(text).toBe('one\ntwo\n')
    expect(headers.get('content-type')).toBe('text/plain')
    expect(headers.get('warning')).toContain('no timestamps')
    expect(asked).toEqual([
      {
        name: 'web',
        container: 'odoo',
        previous: false,
        follow: true,
        tailLines: 7,
        limitBytes: 9,
        sinceTime: '2026-01-01T00:00:30.000Z',
      },
    ])
    expect((await ask(path)).json.message).toBe(
      'a container name must be specified for pod web, choose one of: [odoo side late]',
    )
    expect((await ask(`${path}?container=odoo&tailLines=-1`)).code).toBe(400)
    expect((await ask('/api/v1/namespaces/default/pods/none/log')).code).toBe(404)
  })
})
