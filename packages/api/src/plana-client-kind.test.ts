import { describe, expect, test } from 'vitest'
import { ourKind, refusals, stored, written } from './legal-objects.suite.ts'

const kind = 'PLANAClient'

test('what is left out is filled in by the tier', () => {
  expect(stored(kind).spec).toMatchObject({
    tier: 'starter',
    odooVersion: '18',
    hosting: 'pool',
    resources: 'free',
    sleep: { enabled: true, idleTimeout: '15m', wakeTimeout: '5m' },
    aliases: [],
    modules: [],
    settings: { language: 'en_US', timezone: 'Europe/Sofia', currency: 'EUR' },
    status: 'active',
    deletionPolicy: { retainDays: 7 },
  })
  expect(stored(kind, { tier: 'pro' }).spec).toMatchObject({
    hosting: 'instance',
    resources: 'pro',
  })
  expect(stored(kind, { tier: 'enterprise' }).spec).toMatchObject({
    hosting: 'instance',
    resources: 'enterprise',
    sleep: { enabled: false },
  })
})

test('what is given is never overwritten, and filling in twice changes nothing', () => {
  const spec = { tier: 'pro', hosting: 'pool', sleep: { idleTimeout: '1h' }, deletionPolicy: {} }
  const once = stored(kind, spec)
  expect(once.spec).toMatchObject({ hosting: 'pool', sleep: { idleTimeout: '1h', enabled: true } })
  expect(ourKind(kind).setDefaults(once)).toEqual(once)
})

test('an empty line in YAML counts as not given', () => {
  expect(
    stored(kind, { hosting: null, tier: null, sleep: null, settings: { country: null } }),
  ).toEqual(stored(kind))
  expect(refusals(kind, stored(kind, { ownerName: null }))).toEqual(['spec.ownerName: is required'])
})

test('the given object is not changed', () => {
  const object = Object.freeze(written(kind))
  Object.freeze(object.spec)
  expect(() => ourKind(kind).setDefaults(object)).not.toThrow()
})

describe('refuses', () => {
  const pattern =
    'must be lower-case letters, digits and "-", beginning and ending with a letter or digit'
  test.each<[string, object, string]>([
    ['capitals', { subdomain: 'Acme' }, `spec.subdomain: ${pattern}`],
    ['a dash at the end', { subdomain: 'acme-' }, `spec.subdomain: ${pattern}`],
    ['nothing', { subdomain: '' }, `spec.subdomain: ${pattern}`],
    [
      'what browsers do not open',
      { subdomain: 'ab--cd' },
      'spec.subdomain: must not have "--" as third and fourth character (RFC 5890)',
    ],
    [
      'punycode',
      { subdomain: 'xn--80ak6aa92e' },
      'spec.subdomain: must not have "--" as third and fourth character (RFC 5890)',
    ],
    ['a reserved label', { subdomain: 'www' }, 'spec.subdomain: "www" is reserved'],
    ['a missing number', { projectId: undefined }, 'spec.projectId: is required'],
    ['a negative number', { projectId: -1 }, 'spec.projectId: must be >= 0'],
    ['a fraction', { projectId: 1.5 }, 'spec.projectId: must be an integer'],
    [
      'an unknown tier',
      { tier: 'gold' },
      'spec.tier: must be one of "starter", "pro", "enterprise"',
    ],
    [
      'a version as number',
      { odooVersion: 18 },
      'spec.odooVersion: must be a string: write "18", in quotes',
    ],
    [
      'an unsupported version',
      { odooVersion: '16' },
      'spec.odooVersion: must be one of "17", "18", "19"; did you mean "17"?',
    ],
    ['no address', { ownerEmail: 'ceo' }, 'spec.ownerEmail: is no e-mail address'],
    ['a blank name', { ownerName: ' ' }, 'spec.ownerName: must be one line that is not blank'],
    ['two lines', { ownerName: 'A\nB' }, 'spec.ownerName: must be one line that is not blank'],
    [
      'no time',
      { sleep: { idleTimeout: 'soon' } },
      'spec.sleep.idleTimeout: must be a duration such as 90s, 15m or 1h30m',
    ],
    [
      'too short a time',
      { sleep: { idleTimeout: '10ms' } },
      'spec.sleep.idleTimeout: must be from 1s to 168h',
    ],
    [
      'too long a wake',
      { sleep: { wakeTimeout: '2h' } },
      'spec.sleep.wakeTimeout: must be from 1s to 1h',
    ],
    [
      'too large a size',
      { resources: 'team' },
      'spec.resources: must be at most free in a pool with tier starter: its workers are shared; ask for hosting instance',
    ],
    [
      'a size above the plan',
      { hosting: 'instance', resources: 'team' },
      'spec.resources: must be at most pro with tier starter',
    ],
    [
      'an odd module',
      { modules: ['Sale'] },
      'spec.modules[0]: must be the technical name of an Odoo module: lower-case letters, digits and "_"',
    ],
    ['a module twice', { modules: ['sale', 'sale'] }, 'spec.modules[1]: is given twice'],
    [
      'a zone of another planet',
      { settings: { timezone: 'Mars/Base' } },
      'spec.settings.timezone: must be a known IANA time zone',
    ],
    [
      'a coin of nobody',
      { settings: { currency: 'QQQ' } },
      'spec.settings.currency: must be a known ISO 4217 currency',
    ],
    [
      'a land of nobody',
      { settings: { country: 'QQ' } },
      'spec.settings.country: must be a known ISO 3166 country',
    ],
    [
      'an odd language',
      { settings: { language: 'english' } },
      'spec.settings.language: must be a language as Odoo names it: en_US, bg_BG, sr@latin',
    ],
    [
      'an unknown state',
      { status: 'asleep' },
      'spec.status: must be one of "active", "suspended", "disabled"',
    ],
    [
      'data kept for ever',
      { deletionPolicy: { retainDays: 9999 } },
      'spec.deletionPolicy.retainDays: must be <= 365',
    ],
    ['an unknown field', { tire: 'pro' }, 'spec.tire: is unknown; did you mean "tier"?'],
    [
      'an unknown nested field',
      { sleep: { idletimeout: '1m' } },
      'spec.sleep.idletimeout: is unknown; did you mean "idleTimeout"?',
    ],
  ])('%s', (_what, spec, refusal) => {
    const { subdomain = 'acme' } = { subdomain: 'acme', ...spec }
    expect(refusals(kind, stored(kind, spec, subdomain || 'acme'))).toContain(refusal)
  })

  test('a subdomain of more than 30 characters', () => {
    const subdomain = 'a'.repeat(31)
    expect(refusals(kind, stored(kind, { subdomain }, subdomain))).toHaveLength(1)
    const fits = 'a'.repeat(30)
    expect(refusals(kind, stored(kind, { subdomain: fits }, fits))).toEqual([])
  })

  test('a code that is not even written as one, once', () => {
    const settings = { timezone: 'a b', currency: 'EURO', country: 'ZZZ' }
    expect(refusals(kind, stored(kind, { settings }))).toEqual([
      'spec.settings.timezone: must be an IANA time zone such as Europe/Sofia',
      'spec.settings.currency: must be three capital letters such as EUR',
      'spec.settings.country: must be two capital letters such as BG',
    ])
  })

  test('a name that is not the subdomain', () => {
    expect(refusals(kind, stored(kind, {}, 'other'))).toEqual([
      'metadata.name: must be the same as spec.subdomain, "acme"',
    ])
  })

  test('a spec that is missing', () => {
    const { spec, ...bare } = written(kind)
    const { apiVersion, metadata } = written(kind)
    const object = { ...bare, apiVersion, kind, metadata }
    expect(refusals(kind, ourKind(kind).setDefaults(object))).toEqual(['spec: is required'])
  })
})

test('every mistake is told at once, each with its field', () => {
  const object = stored(kind, {
    subdomain: 'A--b',
    projectId: 'x',
    tier: 'gold',
    odooVersion: '3',
    ownerEmail: '',
    ownerName: '',
    hosting: 'cloud',
    modules: ['A', 'B'],
    aliases: ['x'],
  })
  const fields = ourKind(kind)
    .validate(object, undefined)
    .map(({ field }) => field)
  expect(new Set(fields)).toEqual(
    new Set([
      'metadata.name',
      'spec.subdomain',
      'spec.projectId',
      'spec.tier',
      'spec.odooVersion',
      'spec.ownerEmail',
      'spec.ownerName',
      'spec.hosting',
      'spec.modules[0]',
      'spec.modules[1]',
      'spec.aliases[0]',
    ]),
  )
})

test('rules bear a spec of any shape', () => {
  for (const spec of [
    null,
    'text',
    7,
    [],
    { subdomain: {}, sleep: [], settings: 1, aliases: {} },
  ]) {
    const object = ourKind(kind).setDefaults({
      ...written(kind),
      apiVersion: 'x',
      kind,
      metadata: { name: 'acme' },
      spec,
    })
    expect(ourKind(kind).validate(object, undefined)).not.toEqual([])
    expect(() => ourKind(kind).uniqueNames?.(object)).not.toThrow()
  }
})

describe('an update', () => {
  test('cannot change what is immutable', () => {
    const old = stored(kind)
    const after = stored(kind, { subdomain: 'other', hosting: 'instance' }, 'other')
    expect(refusals(kind, after, old)).toEqual([
      'spec.subdomain: is immutable',
      'spec.hosting: is immutable',
    ])
  })

  test('is not judged by rules that are newer than the object, as long as the spec stays', () => {
    const old = stored(kind, { subdomain: 'www', tier: 'gold' }, 'www')
    const released = { ...old, metadata: { ...old.metadata, finalizers: [] } }
    expect(refusals(kind, released, old)).toEqual([])
    expect(refusals(kind, { ...old, status: { phase: 1 } }, old)).toEqual([
      'status.phase: is unknown',
    ])
  })
})
