import { clientLabel, type OdooMajor, type PLANAClient, type TenantEnvironment } from '@pulse/api'

export type Labels = Readonly<Record<string, string>>

/** Label keys that other parts of Pulse look for. */
export const labelKeys = {
  client: clientLabel,
  environment: 'planapulse.com/environment',
  odooVersion: 'planapulse.com/odoo-version',
  /** Which step a Job carries out, and of what inputs: read back from the observed Job. */
  step: 'planapulse.com/step',
  inputsHash: 'planapulse.com/inputs-hash',
  /** `instance` or `pool`: of a Deployment labelled `instance` the gateway alone writes the replicas. */
  tier: 'platxa.io/tier',
  instanceId: 'platxa.io/instance-id',
  /** What the gateway does with the tenant's requests: serve them, or answer with a notice. */
  status: 'platxa.io/status',
} as const

/** On every object of one environment, as the platform's documents have them (spec/platform.md, section 9). */
export function environmentLabels(
  environment: TenantEnvironment,
  client: PLANAClient,
  label: string,
): Labels {
  return {
    ...workerLabels(environment, label),
    'platxa.io/owner-id': String(client.spec.projectId),
    [labelKeys.status]: client.spec.status,
  }
}

/** Those that never change for as long as the workers run: a change in a pod template would restart them. */
export function workerLabels({ metadata, spec }: TenantEnvironment, label: string): Labels {
  return {
    ...instanceSelector(label),
    'app.kubernetes.io/name': 'odoo',
    'app.kubernetes.io/component': 'web-application',
    'app.kubernetes.io/part-of': 'platxa-platform',
    'app.kubernetes.io/managed-by': 'instance-manager',
    'app.kubernetes.io/instance': label,
    [labelKeys.tier]: spec.hosting,
    [labelKeys.client]: spec.client,
    [labelKeys.environment]: metadata.name,
    [labelKeys.odooVersion]: spec.odooVersion,
  }
}

/** Chooses the pods of one instance; a Deployment's selector can never change, so it is no more than needed. */
export function instanceSelector(label: string): Labels {
  return { app: 'odoo', [labelKeys.instanceId]: label }
}

/** On every object that a whole Odoo major shares. */
export function poolLabels(major: OdooMajor): Labels {
  return {
    ...poolSelector(),
    'app.kubernetes.io/name': 'odoo',
    'app.kubernetes.io/component': 'worker',
    'app.kubernetes.io/part-of': 'pulse',
    'app.kubernetes.io/managed-by': 'pulse',
    'app.kubernetes.io/instance': `pool-${major}`,
    [labelKeys.tier]: 'pool',
    [labelKeys.odooVersion]: major,
  }
}

/** Chooses the pods of a pool, within its namespace. */
export function poolSelector(): Labels {
  return { app: 'worker-odoo' }
}

/** On what belongs to the platform itself: clients' resources, templates. */
export function platformLabels(component: string, more: Labels = {}): Labels {
  return {
    'app.kubernetes.io/name': 'pulse',
    'app.kubernetes.io/component': component,
    'app.kubernetes.io/part-of': 'pulse',
    'app.kubernetes.io/managed-by': 'pulse',
    ...more,
  }
}
