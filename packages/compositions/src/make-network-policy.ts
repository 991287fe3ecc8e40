import { type KubeObject, taskNamespace } from '@pulse/api'
import { fixedNames, ports } from './fixed-names.ts'
import type { Labels } from './labels.ts'
import type { Place } from './make-secret.ts'
import type { Parameters } from './parameters.ts'

const nobody = {} as const

/** Nothing in, nothing out: what is allowed is added beside it. */
export function makeDenyAll(namespace: string, labels: Labels): KubeObject {
  return makePolicy(
    { name: fixedNames.denyAll, namespace, labels },
    { podSelector: nobody, policyTypes: ['Ingress', 'Egress'] },
  )
}

/** Odoo's workers: in from the gateway and from tasks; out to DNS, PostgreSQL and the public internet by HTTPS. */
export function makeWorkerPolicy(
  place: Place & { readonly selector: Labels },
  parameters: Parameters,
): KubeObject {
  const { postgres, gateway } = parameters
  const callers = [...gateway.callers, taskNamespace]
  return makePolicy(place, {
    podSelector: { matchLabels: place.selector },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [
      {
        from: callers.map(inNamespace),
        ports: [tcp(ports.http), tcp(ports.longpolling)],
      },
    ],
    egress: [
      {
        to: [
          {
            ...inNamespace('kube-system'),
            podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
          },
        ],
        ports: [tcp(53), { protocol: 'UDP', port: 53 }],
      },
      {
        to: [
          'cidr' in postgres.network
            ? { ipBlock: { cidr: postgres.network.cidr } }
            : inNamespace(postgres.network.namespace),
        ],
        ports: [tcp(postgres.port)],
      },
      { to: publicInternet, ports: [tcp(443)] },
    ],
  })
}

/** Private, shared, link-local (metadata services) and loopback ranges are other people's machines, or our own. */
const publicInternet = [
  {
    ipBlock: {
      cidr: '0.0.0.0/0',
      except: [
        '10.0.0.0/8',
        '100.64.0.0/10',
        '127.0.0.0/8',
        '169.254.0.0/16',
        '172.16.0.0/12',
        '192.168.0.0/16',
      ],
    },
  },
  { ipBlock: { cidr: '::/0', except: ['::1/128', 'fc00::/7', 'fe80::/10'] } },
]

function inNamespace(name: string) {
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } }
}

function tcp(port: number) {
  return { protocol: 'TCP', port }
}

function makePolicy({ name, namespace, labels }: Place, spec: object): KubeObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace, labels },
    spec,
  }
}
