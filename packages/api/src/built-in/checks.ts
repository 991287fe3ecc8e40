/**
 * The official schemas of Kubernetes' kinds, as compiled validators. They weigh a good part of a second, so this
 * file is imported only where objects are checked (`createKinds`).
 */
import { validate as httpRoute } from '@kubernetes-models/gateway-api/_schemas/IoK8sSigsGatewayApiApisV1HTTPRoute'
import { validate as deployment } from 'kubernetes-models/_schemas/IoK8sApiAppsV1Deployment'
import { validate as replicaSet } from 'kubernetes-models/_schemas/IoK8sApiAppsV1ReplicaSet'
import { validate as autoscaler } from 'kubernetes-models/_schemas/IoK8sApiAutoscalingV2HorizontalPodAutoscaler'
import { validate as cronJob } from 'kubernetes-models/_schemas/IoK8sApiBatchV1CronJob'
import { validate as job } from 'kubernetes-models/_schemas/IoK8sApiBatchV1Job'
import { validate as lease } from 'kubernetes-models/_schemas/IoK8sApiCoordinationV1Lease'
import { validate as configMap } from 'kubernetes-models/_schemas/IoK8sApiCoreV1ConfigMap'
import { validate as event } from 'kubernetes-models/_schemas/IoK8sApiCoreV1Event'
import { validate as limitRange } from 'kubernetes-models/_schemas/IoK8sApiCoreV1LimitRange'
import { validate as namespace } from 'kubernetes-models/_schemas/IoK8sApiCoreV1Namespace'
import { validate as node } from 'kubernetes-models/_schemas/IoK8sApiCoreV1Node'
import { validate as claim } from 'kubernetes-models/_schemas/IoK8sApiCoreV1PersistentVolumeClaim'
import { validate as pod } from 'kubernetes-models/_schemas/IoK8sApiCoreV1Pod'
import { validate as resourceQuota } from 'kubernetes-models/_schemas/IoK8sApiCoreV1ResourceQuota'
import { validate as secret } from 'kubernetes-models/_schemas/IoK8sApiCoreV1Secret'
import { validate as service } from 'kubernetes-models/_schemas/IoK8sApiCoreV1Service'
import { validate as serviceAccount } from 'kubernetes-models/_schemas/IoK8sApiCoreV1ServiceAccount'
import { validate as endpointSlice } from 'kubernetes-models/_schemas/IoK8sApiDiscoveryV1EndpointSlice'
import { validate as networkPolicy } from 'kubernetes-models/_schemas/IoK8sApiNetworkingV1NetworkPolicy'
import { validate as disruptionBudget } from 'kubernetes-models/_schemas/IoK8sApiPolicyV1PodDisruptionBudget'
import { validate as clusterRole } from 'kubernetes-models/_schemas/IoK8sApiRbacV1ClusterRole'
import { validate as clusterRoleBinding } from 'kubernetes-models/_schemas/IoK8sApiRbacV1ClusterRoleBinding'
import { validate as role } from 'kubernetes-models/_schemas/IoK8sApiRbacV1Role'
import { validate as roleBinding } from 'kubernetes-models/_schemas/IoK8sApiRbacV1RoleBinding'
import { type Cause, invalid, required } from '../cause.ts'
import { fieldPath } from '../field-pointer.ts'
import { listAt, numberAt, textAt, valueAt } from '../record.ts'
import type { StructureCheck } from './built-in-kind.ts'

type Validator = (object: unknown) => boolean

const validators: Readonly<Record<string, Validator>> = {
  'v1/ConfigMap': configMap,
  'v1/Event': event,
  'v1/LimitRange': limitRange,
  'v1/Namespace': namespace,
  'v1/Node': node,
  'v1/PersistentVolumeClaim': claim,
  'v1/Pod': pod,
  'v1/ResourceQuota': resourceQuota,
  'v1/Secret': secret,
  'v1/Service': service,
  'v1/ServiceAccount': serviceAccount,
  'apps/v1/Deployment': deployment,
  'apps/v1/ReplicaSet': replicaSet,
  'autoscaling/v2/HorizontalPodAutoscaler': autoscaler,
  'batch/v1/CronJob': cronJob,
  'batch/v1/Job': job,
  'coordination.k8s.io/v1/Lease': lease,
  'discovery.k8s.io/v1/EndpointSlice': endpointSlice,
  'gateway.networking.k8s.io/v1/HTTPRoute': httpRoute,
  'networking.k8s.io/v1/NetworkPolicy': networkPolicy,
  'policy/v1/PodDisruptionBudget': disruptionBudget,
  'rbac.authorization.k8s.io/v1/ClusterRole': clusterRole,
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': clusterRoleBinding,
  'rbac.authorization.k8s.io/v1/Role': role,
  'rbac.authorization.k8s.io/v1/RoleBinding': roleBinding,
}

/** The check of a kind; a kind without one is a mistake in the registry. */
export function officialCheck(apiVersion: string, kind: string): StructureCheck {
  const validator = validators[`${apiVersion}/${kind}`]
  if (validator === undefined) throw new Error(`there is no schema for ${apiVersion} ${kind}`)
  return (object) => (validator(object) ? [] : causesOf(validator))
}

/** A compiled validator leaves its errors on itself, in the form of ajv, though its type does not say so. */
function causesOf(validator: Validator): readonly Cause[] {
  const errors: unknown = Reflect.get(validator, 'errors')
  const list: readonly unknown[] = Array.isArray(errors) ? errors : [{}]
  return list.map((error) => {
    const field = fieldPath(textAt(error, 'instancePath') ?? '')
    const missing = textAt(error, 'params.missingProperty')
    if (missing !== undefined) return required(field === '' ? missing : `${field}.${missing}`)
    const allowed = listAt(error, 'params.allowedValues')
    if (allowed.length === 0) return invalid(field, sentence(error))
    const names = allowed.map((value) => JSON.stringify(value)).join(', ')
    return { reason: 'FieldValueNotSupported', field, message: `must be one of ${names}` }
  })
}

/** The validators carry no sentences of their own. */
function sentence(error: unknown): string {
  const keyword = textAt(error, 'keyword')
  switch (keyword) {
    case 'type':
      return `must be of type ${[valueAt(error, 'params.type')].flat().join(' or ')}`
    case 'format':
      return `must have the format ${textAt(error, 'params.format')}`
    case 'pattern':
      return `must match ${textAt(error, 'params.pattern')}`
    case 'anyOf':
    case 'oneOf':
      return 'must have one of the allowed forms'
    default:
      return `breaks the rule ${keyword ?? 'of its kind'} ${numberAt(error, 'params.limit') ?? ''}`.trim()
  }
}
