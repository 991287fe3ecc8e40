import { fieldColumn } from '../field-column.ts'
import type { PrintColumn } from '../kind.ts'
import { listAt, numberAt, textAt } from '../record.ts'

/** The columns of `kubectl get services`. */
export const serviceColumns: readonly PrintColumn[] = [
  fieldColumn({ name: 'Type', path: 'spec.type', description: 'How it is exposed.' }),
  fieldColumn({ name: 'Cluster-IP', path: 'spec.clusterIP', description: 'None: headless.' }),
  {
    name: 'External-IP',
    type: 'string',
    description: 'Name or address outside.',
    priority: 0,
    cell: (service) => textAt(service, 'spec.externalName') ?? '<none>',
  },
  {
    name: 'Port(s)',
    type: 'string',
    description: 'Ports with their protocols.',
    priority: 0,
    cell: (service) =>
      listAt(service, 'spec.ports')
        .map((port) => `${numberAt(port, 'port') ?? '?'}/${textAt(port, 'protocol') ?? 'TCP'}`)
        .join(',') || '<none>',
  },
]
