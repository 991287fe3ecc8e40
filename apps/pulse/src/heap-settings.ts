import { defineSettings } from '@pulse/service'
import Type from 'typebox'
import { defaultHeapMegabytes, leastHeapMegabytes, mostHeapMegabytes } from './launch/bound-heap.ts'

/** What the server's own objects may take; tenants and PostgreSQL are other processes. */
export const heapSettings = defineSettings({
  heapMegabytes: {
    env: 'PLANA_HEAP_MAX_MEGABYTES',
    schema: Type.Integer({ minimum: leastHeapMegabytes, maximum: mostHeapMegabytes }),
    default: defaultHeapMegabytes,
    description:
      'memory for objects of the server, engine and gateway in one; the smaller, the more often it is collected. Beyond it the server ends, as tenants do not',
  },
})
