import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { makeCertificates } from '../certificates.ts'
import { freePort } from '../free-port.ts'
import { keeperScript } from '../kept-process.ts'
import type { ControlPlanePrograms } from './programs.ts'

const readyMs = 120_000
const probeMs = 50

/** A Kubernetes API without controllers, for tests. */
export interface ControlPlane extends AsyncDisposable {
  readonly url: string
  /** PEM of who signed the server's certificate. */
  readonly ca: string
  /** Of somebody who may do everything. */
  readonly token: string
  /** Holds all that it keeps, and is gone after `stop`. */
  readonly folder: string
  stop(): Promise<void>
}

const attempts = 3

/** Starts etcd and an API server on loopback; they end with `stop` and also when this process dies in any way. */
export async function startControlPlane(programs: ControlPlanePrograms): Promise<ControlPlane> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(programs)
    } catch (error) {
      // A port that was free a moment ago may be another's now.
      const isTaken = error instanceof Error && error.message.includes('address already in use')
      if (!isTaken || attempt === attempts) throw error
    }
  }
}

async function start(programs: ControlPlanePrograms): Promise<ControlPlane> {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-control-plane-'))
  const servers: Kept[] = []
  const stop = async () => {
    for (const server of servers.toReversed()) await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const etcdUrl = `http://127.0.0.1:${await freePort()}`
    const token = randomBytes(16).toString('hex')
    const { ca } = await writeKeys(folder, token)
    const port = await freePort()
    const url = `https://127.0.0.1:${port}`
    servers.push(await keep(folder, 'etcd', [programs.etcd, ...(await etcdFlags(folder, etcdUrl))]))
    const flags = apiServerFlags(folder, etcdUrl, port)
    servers.push(await keep(folder, 'api-server', [programs.apiServer, ...flags]))
    await untilReady({ url, ca, servers })
    return { url, ca, token, folder, stop, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** What is asked without a token is refused, except whether the server is there. */
const authentication = {
  apiVersion: 'apiserver.config.k8s.io/v1',
  kind: 'AuthenticationConfiguration',
  anonymous: {
    enabled: true,
    conditions: ['/healthz', '/livez', '/readyz'].map((path) => ({ path })),
  },
}

async function writeKeys(folder: string, token: string): Promise<{ readonly ca: string }> {
  const { ca, cert, key } = await makeCertificates()
  const account = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const files = {
    'server.crt': cert,
    'server.key': key,
    'accounts.pub': account.publicKey,
    'accounts.key': account.privateKey,
    'tokens.csv': `${token},admin,admin,"system:masters"\n`,
    'authentication.json': JSON.stringify(authentication),
  }
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text, { mode: 0o600 })
  }
  return { ca }
}

/** Nothing here survives a crash of the machine, nor need it. */
async function etcdFlags(folder: string, url: string): Promise<readonly string[]> {
  const peers = `http://127.0.0.1:${await freePort()}`
  return [
    ...['--unsafe-no-fsync', `--data-dir=${join(folder, 'etcd-data')}`, '--log-level=warn'],
    ...[`--listen-client-urls=${url}`, `--advertise-client-urls=${url}`],
    ...[`--listen-peer-urls=${peers}`, `--initial-advertise-peer-urls=${peers}`],
    `--initial-cluster=default=${peers}`,
  ]
}

/** Nobody runs the controller that gives each namespace its ServiceAccount, so pods are admitted without one. */
function apiServerFlags(folder: string, etcdUrl: string, port: number): readonly string[] {
  const file = (name: string) => join(folder, name)
  return [
    ...[`--etcd-servers=${etcdUrl}`, '--endpoint-reconciler-type=none'],
    ...['--bind-address=127.0.0.1', '--advertise-address=127.0.0.1', `--secure-port=${port}`],
    ...[`--tls-cert-file=${file('server.crt')}`, `--tls-private-key-file=${file('server.key')}`],
    ...[`--cert-dir=${folder}`, `--token-auth-file=${file('tokens.csv')}`],
    ...[`--authentication-config=${file('authentication.json')}`, '--authorization-mode=RBAC'],
    ...['--service-account-issuer=https://kubernetes.default.svc'],
    `--service-account-key-file=${file('accounts.pub')}`,
    `--service-account-signing-key-file=${file('accounts.key')}`,
    ...['--service-cluster-ip-range=10.0.0.0/24', '--disable-admission-plugins=ServiceAccount'],
    ...['--shutdown-delay-duration=0s', '--profiling=false'],
  ]
}

interface Kept {
  readonly name: string
  readonly child: ChildProcess
  readonly output: () => string
  stop(): Promise<void>
}

async function keep(folder: string, name: string, command: readonly string[]): Promise<Kept> {
  const own = join(folder, name)
  await mkdir(own)
  await writeFile(join(own, 'started'), '')
  const child = spawn('/bin/sh', ['-c', keeperScript('TERM'), own, ...command], {
    cwd: folder,
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  let text = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-4000)
  })
  return {
    name,
    child,
    output: () => text,
    async stop() {
      child.stdin.end()
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}

interface Starting {
  readonly url: string
  readonly ca: string
  readonly servers: readonly Kept[]
}

async function untilReady({ url, ca, servers }: Starting): Promise<void> {
  for (const limit = Date.now() + readyMs; Date.now() < limit; ) {
    const dead = servers.find(({ child }) => child.exitCode !== null)
    if (dead) throw new Error(`${dead.name} did not start:\n${dead.output()}`)
    if (await isReady(url, ca)) return
    await delay(probeMs)
  }
  const said = servers.map(({ name, output }) => `${name}:\n${output()}`).join('\n')
  throw new Error(`the API server was not ready within ${readyMs / 1000} s\n${said}`)
}

function isReady(url: string, ca: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(`${url}/readyz`, { ca, timeout: 2000, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(false))
  })
}
