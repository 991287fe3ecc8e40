import { isRecord, type KindDefinition } from '@pulse/api'
import type { Api } from './api.suite.ts'

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** Makes a Kubernetes API know our kinds, by the schemas and columns that the registry publishes. */
export async function installKinds(api: Api, kinds: readonly KindDefinition[]): Promise<void> {
  for (const kind of kinds) {
    const { code, text } = await api.send({
      method: 'POST',
      path: definitions,
      body: customResourceDefinition(kind),
    })
    if (code !== 201) throw new Error(`${kind.kind} was refused: ${text}`)
  }
  for (const kind of kinds) await untilServed(api, kind)
}

async function untilServed(api: Api, { group, version, plural }: KindDefinition): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt++) {
    const { code } = await api.send({ path: `/apis/${group}/${version}/${plural}` })
    const aggregated = await api.send({
      path: '/apis',
      accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
    })
    const openApi = await api.send({ path: '/openapi/v3' })
    const isKnown = aggregated.text.includes(`"${plural}"`) && openApi.text.includes(`/${group}/`)
    if (code === 200 && isKnown) return
  }
  throw new Error(`${plural} are not served`)
}

function customResourceDefinition(kind: KindDefinition) {
  const { group, version, plural, singular, shortNames, categories, schema } = kind
  const columns = kind.columns.filter(({ name }) => name !== 'Name')
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      scope: 'Cluster',
      group,
      names: { kind: kind.kind, plural, singular, shortNames, categories },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columns.flatMap(({ jsonPath, cell: _, ...column }) =>
            jsonPath === undefined ? [] : [{ ...column, jsonPath }],
          ),
          selectableFields: kind.selectableFields.map((path) => ({ jsonPath: `.${path}` })),
          schema: { openAPIV3Schema: structural(schema) },
        },
      ],
    },
  }
}

/** Of the top level a definition may say no more than this. */
function structural(schema: KindDefinition['schema']) {
  const properties = isRecord(schema.properties) ? schema.properties : {}
  const { spec, status } = properties
  return { type: 'object', required: ['spec'], properties: { spec, status } }
}
