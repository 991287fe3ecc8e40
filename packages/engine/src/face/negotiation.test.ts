import { expect, test } from 'vitest'
import { formOf, wantsAggregatedDiscovery } from './negotiation.ts'

test.each([
  [undefined, 'json', 'Object'],
  ['*/*', 'json', 'Object'],
  ['application/yaml', 'yaml', 'Object'],
  ['application/vnd.kubernetes.protobuf, application/json', 'json', 'Object'],
  [
    'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json',
    'json',
    'Table',
  ],
  ['application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json', 'json', 'Object'],
  [
    'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
    'json',
    'PartialObjectMetadata',
  ],
  ['application/yaml;q=0.1, application/json', 'json', 'Object'],
])('%s is answered as %s, %s', (accept, encoding, as) => {
  expect(formOf(accept)).toEqual({ encoding, as })
})

test.each(['text/html', 'application/json;as=Table;v=v9;g=meta.k8s.io', 'application/json;q=0'])(
  '%s is a 406',
  (accept) => {
    expect(() => formOf(accept)).toThrow(expect.objectContaining({ code: 406 }))
  },
)

test('aggregated discovery is given only in the version that is asked for', () => {
  const type = 'application/json;g=apidiscovery.k8s.io;as=APIGroupDiscoveryList;v='
  expect(wantsAggregatedDiscovery(`${type}v2,${type}v2beta1,application/json`)).toBe(true)
  expect(wantsAggregatedDiscovery(`${type}v2beta1,application/json`)).toBe(false)
  expect(wantsAggregatedDiscovery(`application/json,${type}v2`)).toBe(false)
})
