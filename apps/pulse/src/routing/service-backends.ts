import { type KubeObject, keyOf, refOf } from '@pulse/api'
import type { Backend } from '@pulse/gateway'
import { backendsOf, serviceOf } from './endpoint-slice.ts'

export interface ServiceBackends {
  note(slice: KubeObject, gone: boolean): void
  /** The ready backends of `{namespace}/{name}`. */
  of(service: string): readonly Backend[]
}

/** Which addresses stand behind each Service, from its EndpointSlices. */
export function createServiceBackends(): ServiceBackends {
  const services = new Map<string, ReadonlyMap<string, readonly Backend[]>>()
  const serviceBySlice = new Map<string, string>()

  function forget(slice: string) {
    const service = serviceBySlice.get(slice)
    if (service === undefined) return
    serviceBySlice.delete(slice)
    const rest = new Map(services.get(service))
    rest.delete(slice)
    if (rest.size > 0) services.set(service, rest)
    else services.delete(service)
  }

  return {
    note(object, gone) {
      const slice = keyOf(refOf(object))
      forget(slice)
      const service = serviceOf(object)
      if (gone || service === undefined) return
      serviceBySlice.set(slice, service)
      services.set(service, new Map(services.get(service)).set(slice, backendsOf(object)))
    },
    of: (service) => [...(services.get(service)?.values() ?? [])].flat(),
  }
}
