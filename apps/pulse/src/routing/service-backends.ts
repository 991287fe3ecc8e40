import { type KubeObject, keyOf, refOf } from '@pulse/api'
import { backendsOf, type SliceBackends, serviceOf } from './endpoint-slice.ts'

export interface ServiceBackends {
  note(slice: KubeObject, gone: boolean): void
  /** What stands behind `{namespace}/{name}`. */
  of(service: string): SliceBackends
}

/** Which addresses stand behind each Service, from its EndpointSlices; empty ones, which are most, are not kept. */
export function createServiceBackends(): ServiceBackends {
  const services = new Map<string, ReadonlyMap<string, SliceBackends>>()
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
      const backends = backendsOf(object)
      if (backends.ready.length + backends.starting.length + backends.leaving === 0) return
      serviceBySlice.set(slice, service)
      services.set(service, new Map(services.get(service)).set(slice, backends))
    },
    of(service) {
      const slices = [...(services.get(service)?.values() ?? [])]
      return {
        ready: slices.flatMap(({ ready }) => ready),
        starting: slices.flatMap(({ starting }) => starting),
        leaving: slices.reduce((sum, { leaving }) => sum + leaving, 0),
      }
    },
  }
}
