import { describe, expect, test } from 'vitest'
import { effectiveHost, filterDatabases } from './database-filter.ts'

const names = ['acme.localhost', 'acme-test.localhost', 'acmexlocalhost', 'acme']
const filter = (dbFilter: string, host: string, databases: string[] = []) =>
  filterDatabases(names, host, { dbFilter, databases })

describe('dbfilter', () => {
  test('a host reaches the database of exactly its name', () => {
    expect(filter('^%h$', 'acme.localhost')).toEqual(['acme.localhost'])
  })

  test('the dots of a host are dots, not any character', () => {
    expect(filter('^%h$', 'acme.localhost')).not.toContain('acmexlocalhost')
  })

  test('the port and one leading www. are cut off', () => {
    expect(filter('^%h$', 'www.acme.localhost:8080')).toEqual(['acme.localhost'])
    expect(filter('^%h$', 'www.www.acme.localhost')).toEqual([])
  })

  test('a host with characters of a pattern matches nothing by them', () => {
    expect(filter('^%h$', '.*')).toEqual([])
    expect(filter('^%h$', '(')).toEqual([])
  })

  test('%d is the first label', () => {
    expect(filter('^%d$', 'acme.localhost')).toEqual(['acme'])
  })

  test('the filter anchors at the start only', () => {
    expect(filter('%d', 'acme.localhost')).toEqual(names)
  })

  test('without a filter --database is the list', () => {
    expect(filter('', 'anything', ['acme', 'other'])).toEqual(['acme'])
    expect(filter('', 'anything')).toEqual(names)
  })
})

describe('the host behind a proxy', () => {
  const headers = { host: '127.0.0.1:8069', 'x-forwarded-host': 'acme.localhost' }

  test('is the forwarded one in proxy mode, and only there', () => {
    expect(effectiveHost(headers, true)).toBe('acme.localhost')
    expect(effectiveHost(headers, false)).toBe('127.0.0.1:8069')
  })

  test('is the plain one where nothing was forwarded', () => {
    expect(effectiveHost({ host: 'acme.localhost' }, true)).toBe('acme.localhost')
  })

  test('is the last of several: the nearest proxy added it', () => {
    const both = { host: 'x', 'x-forwarded-host': 'evil.localhost, acme.localhost' }
    expect(effectiveHost(both, true)).toBe('acme.localhost')
  })
})
