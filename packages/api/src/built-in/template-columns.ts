import type { PrintColumn } from '../kind.ts'
import type { KubeObject } from '../object.ts'
import { listAt, recordAt, textAt } from '../record.ts'

/** With `-o wide`: what the pods of a template run. */
export function templateColumns(path: string): readonly PrintColumn[] {
  const textsOf = (object: KubeObject, field: string) =>
    listAt(object, `${path}.containers`).map((container) => textAt(container, field) ?? '')
  return [
    {
      name: 'Containers',
      type: 'string',
      description: 'Names of the containers.',
      priority: 1,
      cell: (object) => textsOf(object, 'name').join(','),
    },
    {
      name: 'Images',
      type: 'string',
      description: 'Images of the containers.',
      priority: 1,
      cell: (object) => textsOf(object, 'image').join(','),
    },
  ]
}

/** With `-o wide`: the labels of the pods that are chosen. */
export function selectorColumn(path: string): PrintColumn {
  return {
    name: 'Selector',
    type: 'string',
    description: 'Labels of the pods.',
    priority: 1,
    cell: (object) => {
      const labels = Object.entries(recordAt(object, path) ?? {})
      return labels.length === 0
        ? undefined
        : labels.map(([key, value]) => `${key}=${value}`).join(',')
    },
  }
}
