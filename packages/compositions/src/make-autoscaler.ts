import type { KubeObject } from '@pulse/api'
import type { Place } from './make-secret.ts'

/** Workers of a pool by load. From none to one is the gateway's: an autoscaler leaves a Deployment at 0 alone. */
export function makeAutoscaler(
  { name, namespace, labels }: Place,
  { maxReplicas }: { maxReplicas: number },
): KubeObject {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name, namespace, labels },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      minReplicas: 1,
      maxReplicas,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } },
        },
      ],
    },
  }
}
