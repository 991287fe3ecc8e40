/**
 * What has happened, as CloudEvents 1.0 (spec/platform.md 4.1). Events are only ever added: a correction is a new
 * event. The subject is the subdomain of the customer.
 */
import Type, { type TSchema } from 'typebox'
import { odooVersion, oneOf, tiers } from './fields.ts'

export interface EventType {
  /** `client.provisioned` */
  readonly type: string
  /** The kind whose controller tells it: last part of the source. */
  readonly kind: string
  readonly description: string
  readonly data: TSchema
}

const client = {
  subdomain: Type.String({ description: 'Subdomain of the customer.' }),
  projectId: Type.Integer({ description: 'Number of the project in the ERP.' }),
  tier: oneOf(tiers, { description: 'Plan.' }),
  odooVersion: odooVersion({ description: 'Odoo major.' }),
}

const environment = {
  subdomain: client.subdomain,
  environment: Type.String({ description: 'Resource name of the environment.' }),
  hostname: Type.String({ description: 'Its hostname.' }),
  odooVersion: client.odooVersion,
}

const failure = {
  reason: Type.String({ description: 'CamelCase word, as in the condition.' }),
  message: Type.String({ description: 'One sentence, as in the condition.' }),
}

const email = Type.String({ format: 'email', description: 'E-mail address of the owner.' })

const backup = {
  subdomain: client.subdomain,
  environment: environment.environment,
  backup: Type.String({ description: 'Time in the name of the backup.' }),
}

const upgrade = {
  subdomain: client.subdomain,
  environment: environment.environment,
  fromVersion: odooVersion({ description: 'Odoo major before.' }),
  toVersion: odooVersion({ description: 'Odoo major after.' }),
}

function eventType(
  type: string,
  kind: string,
  description: string,
  data: Record<string, TSchema>,
): EventType {
  return { type, kind, description, data: Type.Object(data) }
}

/** The catalogue of the resources' life; services add their own. */
export const eventTypes: readonly EventType[] = [
  eventType('client.provisioned', 'PLANAClient', 'A customer can log in for the first time.', {
    ...client,
    ownerEmail: email,
  }),
  eventType(
    'client.provisioning.failed',
    'PLANAClient',
    'A customer could not be set up; it is tried again.',
    { ...client, ...failure },
  ),
  eventType('client.tier.changed', 'PLANAClient', 'A customer has another plan.', {
    ...client,
    previousTier: oneOf(tiers, { description: 'Plan before.' }),
  }),
  eventType(
    'client.status.changed',
    'PLANAClient',
    'A customer was suspended or is served again.',
    {
      ...client,
      status: Type.String({ description: 'active, suspended or disabled.' }),
    },
  ),
  eventType(
    'client.deleted',
    'PLANAClient',
    'A customer and all its environments are gone.',
    client,
  ),
  eventType(
    'environment.provisioned',
    'TenantEnvironment',
    'An environment answers for the first time.',
    environment,
  ),
  eventType('environment.deleted', 'TenantEnvironment', 'An environment is gone.', {
    ...environment,
    retainedUntil: Type.Optional(
      Type.String({ format: 'date-time', description: 'Until when its data is kept.' }),
    ),
  }),
  eventType('backup.completed', 'EnvironmentBackup', 'A backup was taken and verified.', {
    ...backup,
    sizeBytes: Type.Integer({ description: 'Bytes of all its objects.' }),
  }),
  eventType('backup.failed', 'EnvironmentBackup', 'A backup could not be taken.', {
    subdomain: backup.subdomain,
    environment: backup.environment,
    ...failure,
  }),
  eventType('restore.completed', 'EnvironmentRestore', 'A backup was brought back.', {
    ...backup,
    mode: oneOf(['clone', 'in-place'], { description: 'Beside the environment, or in its place.' }),
  }),
  eventType(
    'restore.failed',
    'EnvironmentRestore',
    'A backup was not brought back; nothing changed.',
    {
      ...backup,
      ...failure,
    },
  ),
  eventType('upgrade.completed', 'TenantUpgrade', 'An environment runs the new code.', upgrade),
  eventType('upgrade.failed', 'TenantUpgrade', 'An upgrade was given up; nothing changed.', {
    ...upgrade,
    ...failure,
  }),
  eventType('template.built', 'TemplateSnapshot', 'A template can be cloned from.', {
    template: Type.String({ description: 'Resource name of the template.' }),
    odooVersion: client.odooVersion,
  }),
]

/** `//plana-pulse/crossplane/planaclient` */
export function eventSource(kind: string): string {
  return `//plana-pulse/crossplane/${kind.toLowerCase()}`
}
