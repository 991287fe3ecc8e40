/** What `kubectl explain X.metadata` shows, as far as people write it. Names as in Kubernetes' `meta/v1`. */
export const objectMetaName = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'

const stringMap = { type: 'object', additionalProperties: { type: 'string' } }

export const objectMetaSchema = {
  type: 'object',
  description: 'Name, labels and history of an object.',
  properties: {
    name: { type: 'string', description: 'Unique among objects of its kind and namespace.' },
    namespace: { type: 'string', description: 'Scope of the name; none for cluster-wide kinds.' },
    generateName: { type: 'string', description: 'Beginning of a name that the server completes.' },
    labels: { ...stringMap, description: 'By which objects are selected.' },
    annotations: { ...stringMap, description: 'Notes of people and programs.' },
    uid: { type: 'string', description: 'Tells this object from others that had its name.' },
    resourceVersion: { type: 'string', description: 'Changes with every write.' },
    generation: { type: 'integer', description: 'Changes with every write of the spec.' },
    creationTimestamp: { type: 'string', format: 'date-time', description: 'When it was made.' },
    deletionTimestamp: { type: 'string', format: 'date-time', description: 'When it has to go.' },
    deletionGracePeriodSeconds: { type: 'integer', description: 'Time it is given to end.' },
    finalizers: {
      type: 'array',
      items: { type: 'string' },
      description: 'Who still has work before the object may go.',
      'x-kubernetes-list-type': 'set',
    },
    ownerReferences: {
      type: 'array',
      items: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      description: 'Objects whose deletion takes this one with them.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['uid'],
    },
    managedFields: {
      type: 'array',
      items: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      description: 'Who wrote which fields.',
    },
  },
} as const
