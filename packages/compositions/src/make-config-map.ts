import type { KubeObject } from '@pulse/api'
import type { Place } from './make-secret.ts'

/** Without `data`: results of tasks come back here. */
export function makeConfigMap(
  { name, namespace, labels }: Place,
  data?: Readonly<Record<string, string>>,
): KubeObject {
  const metadata = { name, namespace, labels }
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata }
  return data === undefined ? object : { ...object, data }
}
