import { expect, test } from 'vitest'
import { refusals, stored } from './legal-objects.suite.ts'
import { ownKinds } from './registry.ts'

const kind = 'PLANAClient'
const domains = {
  tenant: 'planapulse.app',
  dev: 'planapulse.dev',
  alias: 'planapulse.online',
  platform: ['planapulse.ai'],
}
const [definition] = ownKinds({ domains })

test.each<[string, string | undefined]>([
  ['shop.acme.bg', undefined],
  ['acme.bg', undefined],
  ['xn--e1aybc.bg', undefined],
  ['acme.planapulse.online', undefined],
  ['bank.planapulse.online', 'must be {subdomain}.planapulse.online under this domain'],
  ['planapulse.app', 'must not be under planapulse.app, which belongs to the platform'],
  ['other.planapulse.app', 'must not be under planapulse.app, which belongs to the platform'],
  ['x.y.planapulse.dev', 'must not be under planapulse.dev, which belongs to the platform'],
  ['my.planapulse.ai', 'must not be under planapulse.ai, which belongs to the platform'],
  ['notplanapulse.app', undefined],
  ['acme', 'must be a full hostname, with a domain'],
  ['Acme.bg', 'must be written in lower case'],
  ['акме.бг', 'must be written in ASCII: international names as xn--…'],
  ['acme.bg.', 'must not end with a dot'],
  ['10.0.0.1', 'must be a name, not an address'],
])('%s', (alias, rule) => {
  const object = stored(kind, { aliases: [alias] })
  const [cause] = definition?.validate(object, undefined) ?? []
  expect(cause).toEqual(
    rule &&
      expect.objectContaining({
        field: 'spec.aliases[0]',
        message: expect.stringContaining(rule.slice(0, 20)),
      }),
  )
})

test('wildcards, schemes, ports and twins are refused', () => {
  for (const alias of ['*.acme.bg', 'https://acme.bg', 'acme.bg:443', 'acme_1.bg', '-a.bg']) {
    expect(refusals(kind, stored(kind, { aliases: [alias] }))).toHaveLength(1)
  }
  expect(refusals(kind, stored(kind, { aliases: ['a.bg', 'a.bg'] }))).toEqual([
    'spec.aliases[1]: is given twice',
  ])
})

test('each is claimed, with the field that a refusal names', () => {
  const claims = definition?.uniqueNames?.(stored(kind, { aliases: ['acme.bg', 'a.eu'] }))
  expect(claims).toEqual([
    { value: 'label:acme', field: 'spec.subdomain' },
    { value: 'host:acme.planapulse.app', field: 'spec.subdomain' },
    { value: 'host:acme.bg', field: 'spec.aliases[0]' },
    { value: 'host:a.eu', field: 'spec.aliases[1]' },
  ])
})
