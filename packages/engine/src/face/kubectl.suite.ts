import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A kubectl with a configuration and a cache of its own. */
export interface Shell {
  /** Runs to the end, whatever the end is; `more` is added to its environment. */
  run(
    args: readonly string[],
    input?: string | object,
    more?: Readonly<Record<string, string>>,
  ): Promise<Outcome>
  /** Goes on until `stop`; `lines` waits for output. */
  start(args: readonly string[]): Running
  close(): Promise<void>
}

interface Running {
  readonly child: ChildProcess
  /** Resolves once the output contains the text. */
  sees(text: string): Promise<void>
  readonly ended: Promise<Outcome>
  stop(): void
}

interface ShellOptions {
  readonly kubectl: string
  readonly server: string
  readonly ca: string
  readonly token: string
}

export async function createShell({ kubectl, server, ca, token }: ShellOptions): Promise<Shell> {
  const home = await mkdtemp(join(tmpdir(), 'kubectl-home-'))
  const config = join(home, 'config')
  await writeFile(config, JSON.stringify(kubeconfig({ server, ca, token })))
  const env = { PATH: process.env.PATH ?? '', HOME: home, KUBECONFIG: config }
  return {
    async run(args, input, more) {
      const text = typeof input === 'object' ? JSON.stringify(input) : input
      return new Promise((resolve) => {
        const options = { env: { ...env, ...more }, timeout: 30_000 }
        const child = execFile(kubectl, args, options, (error, stdout, stderr) => {
          resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr })
        })
        child.stdin?.end(text ?? '')
      })
    },
    start: (args) => follow(spawn(kubectl, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })),
    close: () => rm(home, { recursive: true, force: true }),
  }
}

function follow(child: ChildProcess): Running {
  let stdout = ''
  let stderr = ''
  let look = () => {}
  child.stdout?.on('data', (chunk) => {
    stdout += chunk
    look()
  })
  child.stderr?.on('data', (chunk) => {
    stderr += chunk
  })
  const ended = once(child, 'close').then(([code]) => ({ code: Number(code ?? 1), stdout, stderr }))
  return {
    child,
    ended,
    sees: (text) =>
      new Promise((resolve, reject) => {
        look = () => stdout.includes(text) && resolve()
        look()
        void ended.then(() => reject(new Error(`ended without "${text}": ${stdout}${stderr}`)))
      }),
    stop: () => child.kill(),
  }
}

export function kubeconfig({ server, ca, token }: Omit<ShellOptions, 'kubectl'>) {
  const name = 'test'
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [
      {
        name,
        cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') },
      },
    ],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  }
}
