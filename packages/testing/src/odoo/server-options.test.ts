import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { UsageError } from './command-line.ts'
import { majorOf } from './majors.ts'
import { parseServerOptions } from './server-options.ts'

const parse = (...args: string[]) => parseServerOptions(args, majorOf('18'), {})

describe('the command line', () => {
  test('is read as odoo-bin reads it', () => {
    const options = parse(
      '--data-dir=/data',
      '--http-interface=127.0.0.5',
      '--http-port',
      '18069',
      '--db-filter=^%h$',
      '--no-database-list',
      '--proxy-mode',
      '-d',
      'acme.localhost',
      '-ibase,web',
      '--stop-after-init',
    )
    expect(options).toMatchObject({
      dataDir: '/data',
      httpInterface: '127.0.0.5',
      httpPort: 18069,
      dbFilter: '^%h$',
      listDatabases: false,
      proxyMode: true,
      databases: ['acme.localhost'],
      install: ['base', 'web'],
      stopAfterInit: true,
    })
  })

  test('an unambiguous beginning of a name is enough', () => {
    expect(parse('--http-i=127.0.0.9').httpInterface).toBe('127.0.0.9')
  })

  test.each([
    [['--nonsense'], 'no such option: --nonsense'],
    [['--limit'], 'ambiguous option: --limit'],
    [['--proxy-mode=1'], '--proxy-mode option does not take a value'],
    [['--workers=two'], "option --workers: invalid integer value: 'two'"],
    [['-d'], '-d option requires 1 argument'],
    [['stray'], "unrecognized parameters: 'stray'"],
    [['-d', 'a,b', '-i', 'base'], 'several databases'],
    [['-c', '/nowhere/odoo.conf'], "doesn't exist or is not readable"],
  ])('%j is a usage error', (args, message) => {
    expect(() => parse(...args)).toThrow(UsageError)
    expect(() => parse(...args)).toThrow(message)
  })

  test('--without-demo takes a value in 18 and none in 19', () => {
    expect(() => parse('--without-demo=all')).not.toThrow()
    expect(() => parseServerOptions(['--without-demo=all'], majorOf('19'), {})).toThrow(UsageError)
    expect(() => parseServerOptions(['--without-demo'], majorOf('19'), {})).not.toThrow()
  })

  test('nothing is listened on beyond this machine unless somebody says so', () => {
    expect(parse().httpInterface).toBe('127.0.0.1')
  })
})

describe('the configuration file', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pulse-conf-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const file = (text: string): string => {
    const path = join(folder, 'odoo.conf')
    writeFileSync(path, text)
    return path
  }

  test('is overruled by the command line and overrules the defaults', () => {
    const path = file('[options]\nhttp_port = 1111\nworkers = 3\n; comment\ndb_host = False\n')
    const options = parse('-c', path, '--http-port=2222')
    expect(options).toMatchObject({ httpPort: 2222, workers: 3 })
    expect(options.connection.host).toBe('')
  })

  test('counts only in its section, and switches as Python writes them', () => {
    const path = file('[other]\nworkers = 9\n[options]\nproxy_mode = True\nlist_db = False\n')
    expect(parse('-c', path)).toMatchObject({ workers: 0, proxyMode: true, listDatabases: false })
  })
})
