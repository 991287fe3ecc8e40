import { randomBytes } from 'node:crypto'
import { hasReason, type KubeObject, recordOf } from '@pulse/api'
import type { Objects } from '@pulse/engine'
import { gatewayNamespace } from './parameters.ts'

const kind = { apiVersion: 'v1', kind: 'Secret' } as const
const place = { namespace: gatewayNamespace, name: 'pulse-reader' }
const key = 'password'
const labels = { 'app.kubernetes.io/managed-by': 'pulse', 'app.kubernetes.io/part-of': 'pulse' }

/** Of the login that reads in tenants' databases: whichever gateway comes first makes it, and all on the store use it. */
export async function readReaderPassword(objects: Pick<Objects, 'get' | 'create'>) {
  const found = await objects.get({ ...kind, ...place })
  if (found !== undefined) return passwordIn(found)
  try {
    return passwordIn(await objects.create(makeSecret(), { fieldManager: 'pulse-gateway' }))
  } catch (error) {
    if (!hasReason(error, 'AlreadyExists')) throw error
    return passwordIn(await objects.get({ ...kind, ...place }))
  }
}

function makeSecret(): KubeObject {
  const password = randomBytes(20).toString('hex')
  return {
    ...kind,
    metadata: { ...place, labels },
    data: { [key]: Buffer.from(password).toString('base64') },
  }
}

function passwordIn(secret: KubeObject | undefined): string {
  const encoded = recordOf(secret?.data)[key]
  const password = typeof encoded === 'string' ? Buffer.from(encoded, 'base64').toString() : ''
  if (password !== '') return password
  throw new Error(
    `Secret ${place.namespace}/${place.name} has no ${key}: delete it, and it is made anew`,
  )
}
