import { type KubeObject, keyOf, refOf } from '@pulse/api'
import { backendsOf, type SliceBackends, serviceOf } from './endpoint-slice.ts'

export interface ServiceBackends {
  note(slice: KubeObject, gone: boolean): void
  /** What stands behind `{namespace}/{name}`. */
  of(service: string): SliceBackends
}

interface NotedSlice {
  readonly name: string
  readonly backends: SliceBackends
}

const nothing: SliceBackends = { ready: [], starting: [], leaving: 0 }

/**
 * Which addresses stand behind each Service, from its EndpointSlices. Of Services behind which nothing stands, which
 * are most, nothing is kept.
 */
export function createServiceBackends(): ServiceBackends {
  const services = new Map<string, readonly NotedSlice[]>()
  const serviceBySlice = new Map<string, string>()

  function forget(slice: string) {
    const service = serviceBySlice.get(slice)
    if (service === undefined) return
    serviceBySlice.delete(slice)
    const rest = (services.get(service) ?? []).filter(({ name }) => name !== slice)
    if (rest.length > 0) services.set(service, rest)
    else services.delete(service)
  }

  return {
    note(object, gone) {
      const name = keyOf(refOf(object))
      forget(name)
      const service = serviceOf(object)
      if (gone || service === undefined) return
      const backends = backendsOf(object)
      if (isEmpty(backends)) return
      serviceBySlice.set(name, service)
      services.set(service, [...(services.get(service) ?? []), { name, backends }])
    },
    of(service) {
      const slices = services.get(service)
      if (slices === undefined) return nothing
      return {
        ready: slices.flatMap(({ backends }) => backends.ready),
        starting: slices.flatMap(({ backends }) => backends.starting),
        leaving: slices.reduce((sum, { backends }) => sum + backends.leaving, 0),
      }
    },
  }
}

function isEmpty({ ready, starting, leaving }: SliceBackends): boolean {
  return ready.length === 0 && starting.length === 0 && leaving === 0
}
