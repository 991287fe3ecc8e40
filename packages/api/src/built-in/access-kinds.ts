import { fieldColumn } from '../field-column.ts'
import { immutableCauses } from '../immutable.ts'
import type { PrintColumn } from '../kind.ts'
import { textAt } from '../record.ts'
import type { BuiltInKind } from './built-in-kind.ts'

const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1', nameRule: 'path' } as const

const roleColumn: PrintColumn = {
  name: 'Role',
  type: 'string',
  description: 'What is granted.',
  priority: 0,
  cell: (binding) =>
    `${textAt(binding, 'roleRef.kind') ?? ''}/${textAt(binding, 'roleRef.name') ?? ''}`,
}

/** Who may do what, and who leads. All their lists are atomic in the official types. */
export const accessKinds: readonly BuiltInKind[] = [
  { ...rbac, kind: 'Role', plural: 'roles', description: 'Rights in a namespace.' },
  {
    ...rbac,
    kind: 'RoleBinding',
    plural: 'rolebindings',
    description: 'Who has the rights of a role in a namespace.',
    columns: [roleColumn],
    rules: (binding, old) => immutableCauses(binding, old, ['roleRef']),
  },
  {
    ...rbac,
    kind: 'ClusterRole',
    plural: 'clusterroles',
    namespaced: false,
    description: 'Rights everywhere.',
  },
  {
    ...rbac,
    kind: 'ClusterRoleBinding',
    plural: 'clusterrolebindings',
    namespaced: false,
    description: 'Who has the rights of a role everywhere.',
    columns: [roleColumn],
    rules: (binding, old) => immutableCauses(binding, old, ['roleRef']),
  },
  {
    group: 'coordination.k8s.io',
    version: 'v1',
    kind: 'Lease',
    plural: 'leases',
    description: 'Who holds a duty, and until when.',
    columns: [
      fieldColumn({ name: 'Holder', path: 'spec.holderIdentity', description: 'Who holds it.' }),
    ],
  },
]
