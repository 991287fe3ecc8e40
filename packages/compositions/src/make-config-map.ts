import type { KubeObject } from '@pulse/api'
import type { Place } from './make-secret.ts'

/** Without `data`: results of tasks come back here. */
export function makeConfigMap(
  place: Place & { readonly annotations?: Readonly<Record<string, string>> },
  data?: Readonly<Record<string, string>>,
): KubeObject {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: place }
  return data === undefined ? object : { ...object, data }
}
