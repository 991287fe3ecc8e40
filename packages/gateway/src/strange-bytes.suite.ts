import fc from 'fast-check'

const anyCharacter = fc.oneof(
  fc.nat({ max: 0xff }).map((code) => String.fromCharCode(code)),
  fc.constantFrom('.', ':', '/', '\\', '%', '@', '#', '?', ' ', '\t', '\r\n', '[', ']', ',', ';'),
)

/** Any bytes, as the latin-1 text that Node's parser makes of them. */
export const anyBytes = fc.array(anyCharacter, { maxLength: 40 }).map((parts) => parts.join(''))

/** One of these texts with something changed in a few places: nearly right is where parsers differ. */
export function nearly(...texts: readonly string[]): fc.Arbitrary<string> {
  return changed(fc.constantFrom(...texts), 60)
}

/** Of such texts, with up to three changes before that place. */
export function changed(texts: fc.Arbitrary<string>, max: number): fc.Arbitrary<string> {
  const change = fc.record({ at: fc.nat({ max }), drop: fc.nat({ max: 2 }), put: anyCharacter })
  const changes = fc.array(change, { maxLength: 3 })
  return fc
    .tuple(texts, changes)
    .map(([text, list]) =>
      list.reduce(
        (changed, { at, drop, put }) => changed.slice(0, at) + put + changed.slice(at + drop),
        text,
      ),
    )
}

export const strangeHosts = fc.oneof(
  anyBytes,
  fc.constantFrom('acme.localhost', 'beta.localhost:8080'),
  nearly('acme.localhost', 'beta.localhost:8080', 'ACME.localhost.', 'erp.acme.bg', 'localhost'),
)

export const strangeTargets = fc.oneof(
  anyBytes,
  fc.constantFrom('/web/login', '/websocket'),
  anyBytes.map((text) => `/${text}`),
  nearly(
    '/web/login?db=beta.localhost',
    '/web/database/manager',
    '/xmlrpc/2/object',
    '/json/2/res.partner',
    '/websocket',
    '//beta.localhost/web',
    'http://beta.localhost/web',
    '/%2e%2e/web/%64atabase',
  ),
)
