import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

interface Need {
  readonly name: string
  readonly why: string
  readonly present: () => boolean
}

const needs: readonly Need[] = [
  {
    name: 'postgresql',
    why: 'the database server and pg_restore, which reads the sample databases',
    present: () => globSync('/usr/lib/postgresql/*/bin/pg_restore').length > 0 && hasServer(),
  },
  {
    name: 'chromium',
    why: 'opens the pages that people see',
    present: () => existsSync('/usr/bin/chromium'),
  },
  {
    name: 'python3',
    why: 'runs the tests of the Odoo add-ons',
    present: () => existsSync('/usr/bin/python3'),
  },
  {
    name: 'python3-werkzeug',
    why: 'reads what the gateway sends to Odoo, as Odoo does on its HTTP port',
    present: () => existsSync('/usr/lib/python3/dist-packages/werkzeug'),
  },
  {
    name: 'python3-gevent',
    why: 'the same, as Odoo does on its port for WebSockets',
    present: () => existsSync('/usr/lib/python3/dist-packages/gevent'),
  },
  {
    name: 'haproxy',
    why: 'reads what clients send to the gateway, to compare',
    present: () => existsSync('/usr/sbin/haproxy'),
  },
  {
    name: 'faketime',
    why: 'sets the clock of a Pulse forwards and back',
    present: () => globSync('/usr/lib/*/faketime/libfaketime.so.1').length > 0,
  },
  {
    name: 'nftables',
    why: 'keeps tenants on one machine apart',
    present: () => existsSync('/usr/sbin/nft'),
  },
]

/** What is not on this machine yet. */
export function missingPackages(): { name: string; why: string }[] {
  return needs.filter(({ present }) => !present()).map(({ name, why }) => ({ name, why }))
}

/** Installs from Debian's archive without starting a service or making a database cluster. */
export function installPackages(names: readonly string[]) {
  const undo = [
    // Consulted by every package script before it starts a service: 101 forbids it (invoke-rc.d(8)).
    writeUnlessThere('/usr/sbin/policy-rc.d', '#!/bin/sh\nexit 101\n', 0o755),
    writeUnlessThere(
      '/etc/postgresql-common/createcluster.d/pulse-tests.conf',
      'create_main_cluster = false\n',
      0o644,
    ),
  ]
  try {
    run('apt-get', ['update', '-q'])
    run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...names])
  } finally {
    for (const remove of undo) remove()
  }
}

function hasServer(): boolean {
  return globSync('/usr/lib/postgresql/*/bin/postgres').length > 0
}

function writeUnlessThere(path: string, text: string, mode: number): () => void {
  if (existsSync(path)) return () => {}
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text, { mode })
  return () => rmSync(path, { force: true })
}

function run(command: string, args: readonly string[]) {
  const result = spawnSync(command, args, {
    stdio: 'inherit',
    timeout: 15 * 60 * 1000,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')} failed`)
}
