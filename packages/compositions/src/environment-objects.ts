import { backendSecret, type KubeObject } from '@pulse/api'
import { claimStep } from './claim-step.ts'
import { retainDaysAnnotation } from './client.ts'
import { foreignTemplate } from './foreign-template.ts'
import { makeConfigMap } from './make-config-map.ts'
import { makeRouteToGateway } from './make-http-route.ts'
import { makeProtectedSecret } from './make-secret.ts'
import { makeTaskRole, makeTaskRoleBinding } from './make-task-role.ts'
import { jobUnlessDone } from './step.ts'
import type { Tenancy } from './tenancy.ts'

export type Composed = Readonly<Record<string, KubeObject>>

/** What the claim reads and fills, and the right to do so: for pool and instance alike. */
export function claimObjects(tenancy: Tenancy): Composed {
  const { names, labels, parameters, environment, client } = tenancy
  const place = (name: string) => ({ name, namespace: names.namespace, labels })
  // Kept where teardown finds it, for environments beside `prod` too: the client may be gone by then.
  const annotations = { [retainDaysAnnotation]: String(client.spec.deletionPolicy.retainDays) }
  const ownSecrets =
    environment.spec.hosting === 'instance' ? [names.databaseSecret, backendSecret.name] : []
  return {
    credentials: makeProtectedSecret(place(names.credentials)),
    facts: makeConfigMap({ ...place(names.facts), annotations }),
    'task-role': makeTaskRole(place(names.label), {
      secrets: [names.credentials, ...ownSecrets],
      configMaps: [names.facts],
    }),
    'task-role-binding': makeTaskRoleBinding(place(names.label), parameters),
  }
}

/** The claim's Job; when it `mayBegin` not yet, one that has begun is let be. */
export function claimJob(tenancy: Tenancy, mayBegin: boolean): Composed {
  const { environment, observed } = tenancy
  const jobs = Object.entries(jobUnlessDone(claimStep(tenancy), environment, observed))
  const begins = mayBegin && foreignTemplate(tenancy) === undefined
  return Object.fromEntries(jobs.filter(([key]) => begins || key in observed))
}

/** Further hostnames of the client, which are those of `prod`; the gateway's wildcard route knows none of them. */
export function aliasRoute({ environment, client, names, labels, parameters }: Tenancy): Composed {
  const { aliases } = client.spec
  if (environment.spec.name !== 'prod' || aliases.length === 0) return {}
  const route = makeRouteToGateway({
    name: names.label,
    namespace: names.namespace,
    labels,
    canonicalHost: names.hostname,
    hostnames: aliases,
    parameters,
  })
  return { aliases: route }
}
