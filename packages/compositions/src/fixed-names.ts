/** Names that are the same in every namespace of workers (spec/platform.md, section 9); derived ones are `@pulse/api`'s. */
export const fixedNames = {
  config: 'odoo-config',
  filestore: 'odoo-filestore',
  addons: 'odoo-addons',
  wakingService: 'waking-service',
  route: 'odoo',
  denyAll: 'default-deny-all',
  instancePolicy: 'odoo-instance-policy',
  poolPolicy: 'odoo-pool-policy',
  instanceQuota: 'instance-quota',
  instanceLimits: 'instance-limits',
  poolQuota: 'pool-quota',
  poolRole: 'pool-role',
} as const

/** How long what runs in a worker, a report or an import, may take to end before the worker does. */
export const sealSeconds = 300

/** How long a worker may take for its end, the seal included. */
export const terminationGraceSeconds = sealSeconds + 20

/** The same where nobody is to wait so long: for a worker that hangs, or that goes with its tenant. */
export const hastyGraceSeconds = 60

export const ports = { http: 8069, longpolling: 8072, waking: 80 } as const

/** On what holds a tenant's data or the key to it: only `teardown` removes it, after the data is safe. */
export const protectFinalizer = 'planapulse.com/protect'
