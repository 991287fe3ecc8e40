import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '@pulse/testing'
import { heapFlags } from '../../../apps/pulse/src/launch/bound-heap.ts'
import type { Load } from './loads.ts'
import { type PinnedProcess, proxyCore, startPinned } from './pinned-process.ts'
import { tenementPeer } from './tenement.ts'
import { versionIn } from './version-in.ts'

export interface Peer {
  readonly name: string
  /** Undefined when it is not on this machine. */
  readonly version: string | undefined
  /** Of the backends of the loads, those that it can stand before; absent: all. */
  readonly kinds?: readonly Load['backend'][]
  /** Where it listens once it serves; without a process, it is somebody else's. */
  start(backendPort: number, directory: string, core?: number): Promise<StartedPeer>
}

export interface StartedPeer {
  readonly port: number
  /** The host under which it is asked, if it is not that of all. */
  readonly host?: string
  readonly process?: PinnedProcess
}

const main = join(import.meta.dirname, 'pulse-main.ts')

const socketActivate = '/usr/bin/systemd-socket-activate'
const socketProxy = '/lib/systemd/systemd-socket-proxyd'

/** Plain proxies with one thread and kept connections to the backend, and ours with all it does. */
export const peers: readonly Peer[] = [
  {
    name: 'direct',
    version: '',
    start: async (backendPort) => ({ port: backendPort }),
  },
  {
    name: 'pulse',
    version: `node ${process.versions.node}`,
    async start(backendPort, _directory, core = proxyCore) {
      const process = startPinned(core, [...ours, main, String(backendPort)])
      return { port: Number(JSON.parse(await process.firstLine).port), process }
    },
  },
  configured('nginx', {
    program: '/usr/sbin/nginx',
    versionOf: () => ['-v'],
    command: (file) => ['-c', file, '-e', 'stderr'],
    config: ({ port, backendPort, directory }) => `
daemon off; master_process off; pid ${directory}/nginx-${port}.pid; error_log stderr crit;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000000;
  client_body_temp_path ${directory}; proxy_temp_path ${directory}; fastcgi_temp_path ${directory};
  uwsgi_temp_path ${directory}; scgi_temp_path ${directory};
  upstream backend { server 127.0.0.1:${backendPort}; keepalive 512; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port} backlog=1024;
    location / { proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host $host; proxy_set_header X-Forwarded-For $remote_addr; }
  }
}`,
  }),
  configured('haproxy', {
    program: '/usr/sbin/haproxy',
    versionOf: () => ['-v'],
    command: (file) => ['-db', '-f', file],
    config: ({ port, backendPort }) => `
global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
  option forwardfor
frontend front
  bind 127.0.0.1:${port}
  default_backend back
backend back
  server one 127.0.0.1:${backendPort}
`,
  }),
  configured('caddy', {
    program: '/usr/bin/caddy',
    versionOf: () => ['version'],
    command: (file) => ['run', '--adapter', 'caddyfile', '--config', file],
    config: ({ port, backendPort }) => `
{
  admin off
  auto_https off
  log {
    level ERROR
  }
}
http://:${port} {
  bind 127.0.0.1
  reverse_proxy 127.0.0.1:${backendPort}
}
`,
  }),
  tenementPeer(),
  socketProxyd(),
]

/** Passes bytes, started by the first connection: not a gateway, but what systemd has for things that sleep. */
function socketProxyd(): Peer {
  const isThere = existsSync(socketActivate) && existsSync(socketProxy)
  return {
    name: 'systemd-socket-proxyd',
    version: isThere ? versionIn(socketActivate, ['--version']) : undefined,
    async start(backendPort) {
      const port = await freePort()
      const command = [socketActivate, '-l', `127.0.0.1:${port}`, socketProxy]
      const options = ['--connections-max=1024', `127.0.0.1:${backendPort}`]
      return { port, process: startPinned(proxyCore, [...command, ...options], { quiet: true }) }
    },
  }
}

/** As with PLANA_HEAP_MAX_MEGABYTES: the heap is collected rather than let grow. */
export const heapMegabytes = 96
const ours = [process.execPath, ...heapFlags(heapMegabytes)]

interface Configured {
  readonly program: string
  readonly versionOf: () => readonly string[]
  readonly command: (file: string) => readonly string[]
  readonly config: (where: { port: number; backendPort: number; directory: string }) => string
}

function configured(name: string, { program, versionOf, command, config }: Configured): Peer {
  return {
    name,
    version: existsSync(program) ? versionIn(program, versionOf()) : undefined,
    async start(backendPort, directory, core = proxyCore) {
      const port = await freePort()
      const file = join(directory, `${name}-${port}.conf`)
      await writeFile(file, config({ port, backendPort, directory }))
      const process = startPinned(core, [program, ...command(file)], { quiet: true })
      return { port, process }
    },
  }
}
