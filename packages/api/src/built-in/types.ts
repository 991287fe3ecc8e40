/** The official types of Kubernetes' kinds, for those who build or read them. */
import type { IHTTPRoute } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRoute'
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment'
import type { IReplicaSet } from 'kubernetes-models/apps/v1/ReplicaSet'
import type { IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler'
import type { ICronJob } from 'kubernetes-models/batch/v1/CronJob'
import type { IJob } from 'kubernetes-models/batch/v1/Job'
import type { ILease } from 'kubernetes-models/coordination.k8s.io/v1/Lease'
import type { IEndpointSlice } from 'kubernetes-models/discovery.k8s.io/v1/EndpointSlice'
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget'
import type { IClusterRole } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRole'
import type { IClusterRoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRoleBinding'
import type { IRole } from 'kubernetes-models/rbac.authorization.k8s.io/v1/Role'
import type { IRoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding'
import type { IConfigMap } from 'kubernetes-models/v1/ConfigMap'
import type { IContainer } from 'kubernetes-models/v1/Container'
import type { IEvent } from 'kubernetes-models/v1/Event'
import type { ILimitRange } from 'kubernetes-models/v1/LimitRange'
import type { INamespace } from 'kubernetes-models/v1/Namespace'
import type { INode } from 'kubernetes-models/v1/Node'
import type { IPersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim'
import type { IPod } from 'kubernetes-models/v1/Pod'
import type { IPodSpec } from 'kubernetes-models/v1/PodSpec'
import type { IPodTemplateSpec } from 'kubernetes-models/v1/PodTemplateSpec'
import type { IProbe } from 'kubernetes-models/v1/Probe'
import type { IResourceQuota } from 'kubernetes-models/v1/ResourceQuota'
import type { ISecret } from 'kubernetes-models/v1/Secret'
import type { IService } from 'kubernetes-models/v1/Service'
import type { IServiceAccount } from 'kubernetes-models/v1/ServiceAccount'
import type { EnvironmentBackup } from '../environment-backup.ts'
import type { EnvironmentRestore } from '../environment-restore.ts'
import type { KubeObject } from '../object.ts'
import type { PLANAClient } from '../plana-client.ts'
import type { TemplateSnapshot } from '../template-snapshot.ts'
import type { TenantEnvironment } from '../tenant-environment.ts'
import type { TenantUpgrade } from '../tenant-upgrade.ts'

/** An official type as one of our objects: named, and with its type written in it. */
type Official<Type> = KubeObject & Omit<Type, 'metadata'>

export type ClusterRole = Official<IClusterRole>
export type ClusterRoleBinding = Official<IClusterRoleBinding>
export type ConfigMap = Official<IConfigMap>
export type CronJob = Official<ICronJob>
export type Deployment = Official<IDeployment>
export type EndpointSlice = Official<IEndpointSlice>
export type Event = Official<IEvent>
export type HorizontalPodAutoscaler = Official<IHorizontalPodAutoscaler>
export type HTTPRoute = Official<IHTTPRoute>
export type Job = Official<IJob>
export type Lease = Official<ILease>
export type LimitRange = Official<ILimitRange>
export type Namespace = Official<INamespace>
export type NetworkPolicy = Official<INetworkPolicy>
export type Node = Official<INode>
export type PersistentVolumeClaim = Official<IPersistentVolumeClaim>
export type Pod = Official<IPod>
export type PodDisruptionBudget = Official<IPodDisruptionBudget>
export type ReplicaSet = Official<IReplicaSet>
export type ResourceQuota = Official<IResourceQuota>
export type Role = Official<IRole>
export type RoleBinding = Official<IRoleBinding>
export type Secret = Official<ISecret>
export type Service = Official<IService>
export type ServiceAccount = Official<IServiceAccount>
export type Container = IContainer
export type PodSpec = IPodSpec
export type PodTemplateSpec = IPodTemplateSpec
export type Probe = IProbe

/** Types by `apiVersion/kind`. */
export interface KindTypes {
  readonly 'v1/ConfigMap': ConfigMap
  readonly 'v1/Event': Event
  readonly 'v1/LimitRange': LimitRange
  readonly 'v1/Namespace': Namespace
  readonly 'v1/Node': Node
  readonly 'v1/PersistentVolumeClaim': PersistentVolumeClaim
  readonly 'v1/Pod': Pod
  readonly 'v1/ResourceQuota': ResourceQuota
  readonly 'v1/Secret': Secret
  readonly 'v1/Service': Service
  readonly 'v1/ServiceAccount': ServiceAccount
  readonly 'apps/v1/Deployment': Deployment
  readonly 'apps/v1/ReplicaSet': ReplicaSet
  readonly 'autoscaling/v2/HorizontalPodAutoscaler': HorizontalPodAutoscaler
  readonly 'batch/v1/CronJob': CronJob
  readonly 'batch/v1/Job': Job
  readonly 'coordination.k8s.io/v1/Lease': Lease
  readonly 'discovery.k8s.io/v1/EndpointSlice': EndpointSlice
  readonly 'gateway.networking.k8s.io/v1/HTTPRoute': HTTPRoute
  readonly 'networking.k8s.io/v1/NetworkPolicy': NetworkPolicy
  readonly 'planapulse.com/v1alpha1/EnvironmentBackup': EnvironmentBackup
  readonly 'planapulse.com/v1alpha1/EnvironmentRestore': EnvironmentRestore
  readonly 'planapulse.com/v1alpha1/PLANAClient': PLANAClient
  readonly 'planapulse.com/v1alpha1/TemplateSnapshot': TemplateSnapshot
  readonly 'planapulse.com/v1alpha1/TenantEnvironment': TenantEnvironment
  readonly 'planapulse.com/v1alpha1/TenantUpgrade': TenantUpgrade
  readonly 'policy/v1/PodDisruptionBudget': PodDisruptionBudget
  readonly 'rbac.authorization.k8s.io/v1/ClusterRole': ClusterRole
  readonly 'rbac.authorization.k8s.io/v1/ClusterRoleBinding': ClusterRoleBinding
  readonly 'rbac.authorization.k8s.io/v1/Role': Role
  readonly 'rbac.authorization.k8s.io/v1/RoleBinding': RoleBinding
}

/**
 * Whether the object says it is of this kind. What a store gives back was checked against the kind's schema at the
 * door, so its type can be trusted.
 */
export function isKind<Name extends keyof KindTypes>(
  object: KubeObject,
  name: Name,
): object is KindTypes[Name] {
  return `${object.apiVersion}/${object.kind}` === name
}
