/** The API of one machine over a store, in a process of its own: `face-main.ts memory|postgres`. */
import { randomUUID } from 'node:crypto'
import { createKinds, type KindRegistry } from '@pulse/api'
import {
  createFace,
  createMemoryObjects,
  createPostgresObjects,
  type Store,
  tokenAuthentication,
} from '@pulse/engine'
import { createLog } from '@pulse/service'
import { createTestDatabase, makeCertificates, startTestPostgres } from '@pulse/testing'

export interface FaceAnswer {
  readonly port: number
  readonly ca: string
  readonly token: string
}

const log = createLog('error')
const kinds = await createKinds()
const objects = await openStore(process.argv[2] ?? '', kinds)
const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } }
await objects.create(namespace, { fieldManager: 'bench' })
const { ca, cert, key } = await makeCertificates()
const token = randomUUID()
const face = createFace({
  objects,
  kinds,
  tls: { cert, key },
  authenticate: tokenAuthentication([{ token, user: { name: 'bench' } }]),
  openLog: () => Promise.reject(new Error('no pod runs here')),
  version: '0.0.0',
  log,
  now: () => new Date(),
})
const { port } = await face.listen({ host: '127.0.0.1', port: 0 })
process.send?.({ port, ca, token } satisfies FaceAnswer)

async function openStore(name: string, { findKind }: KindRegistry): Promise<Store> {
  if (name === 'memory') {
    return createMemoryObjects({ kinds: findKind, now: () => new Date(), newUid: randomUUID })
  }
  const { connection } = await createTestDatabase(await startTestPostgres())
  return await createPostgresObjects({ connection, kinds: findKind, log })
}
