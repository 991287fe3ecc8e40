import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findKubectls, type Kubectl } from '@pulse/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PulseUnderTest, startPulse } from './pulse-under-test.suite.ts'
import { createTenant, visit } from './tenant.suite.ts'

const page = fileURLToPath(new URL('../../../../docs/runbooks/kubectl.md', import.meta.url))
const blocks = blocksOf(await readFile(page, 'utf8'))
const kubectls = await findKubectls()
let pulse: PulseUnderTest

beforeAll(async () => {
  pulse = await startPulse()
})
afterAll(() => pulse.cleanUp())

describe.each(kubectls)('docs/runbooks/kubectl.md with $name', (kubectl) => {
  const shell = shellOf(kubectl)

  test.each(blocks)('$heading: $first', async ({ commands }) => {
    const { code, stderr } = await shell.run(commands)
    expect({ code, stderr }).toMatchObject({ code: 0 })
  })

  test('leaves nothing of the tenant', async () => {
    const { stdout } = await shell.run('kubectl get planaclients,tenantenvironments,ns -o name')
    expect(stdout).not.toContain('acme')
  })
})

describe('an instance that is steered by hand', () => {
  const shell = shellOf(kubectls[0])
  const worker = 'deployment/odoo-maker -n instance-maker'
  const replicas = async () =>
    (await shell.run(`kubectl get ${worker} -o jsonpath={.spec.replicas}`)).stdout

  test('has one process again once it has slept, however it was scaled', async () => {
    const { hostname } = await createTenant(pulse, 'maker', '--tier', 'pro')
    const doubled = await shell.run(`kubectl scale ${worker} --replicas=2`)
    expect(doubled).toMatchObject({ code: 0, stdout: 'deployment.apps/odoo-maker scaled\n' })
    expect(doubled.stderr).toContain('Warning: an instance has one process')
    await shell.run(`kubectl rollout status ${worker} --timeout=2m`)
    expect((await pulse.pulse('sleep', 'maker', '--force')).exitCode).toBe(0)
    expect(await replicas()).toBe('0')
    expect(await (await visit(pulse, hostname)).get('/web/login')).toMatchObject({ status: 200 })
    expect(await replicas()).toBe('1')
  })

  test('is not rolled back, which would take away what the gateways know of it', async () => {
    await shell.run(`kubectl rollout restart ${worker} && kubectl rollout status ${worker}`)
    const { code, stderr } = await shell.run(`kubectl rollout undo ${worker}`)
    expect(code).toBe(1)
    expect(stderr).toContain('metadata.annotations[planapulse.com/life]')
  })

  test('sleeps when it is scaled to none, and its next visitor is served', async () => {
    const slept = await shell.run(`kubectl scale ${worker} --replicas=0`)
    expect(slept.stderr).toContain('whoever visits its tenant wakes it')
    await shell.run('kubectl wait pod -l app=odoo -n instance-maker --for=delete --timeout=1m')
    const restarted = await shell.run(`kubectl rollout restart ${worker}`)
    expect(restarted.stderr).toContain('its next start takes this up')
    const visitor = await visit(pulse, 'maker.localhost')
    expect(await visitor.get('/web/login')).toMatchObject({ status: 200 })
    expect(await replicas()).toBe('1')
  })
})

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A shell as the page supposes it: this kubectl on the PATH, the administrator's access, a folder of its own. */
function shellOf(kubectl: Kubectl | undefined) {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kubectl-runbook-'))
    await symlink(kubectl?.path ?? '', join(folder, 'kubectl'))
    const { stdout } = await pulse.pulse('kubeconfig')
    await writeFile(join(folder, 'pulse.kubeconfig'), stdout, { mode: 0o600 })
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))
  return {
    run: (commands: string) =>
      new Promise<Outcome>((resolve) => {
        const env = {
          PATH: `${folder}:${process.env.PATH}`,
          HOME: folder,
          KUBECONFIG: join(folder, 'pulse.kubeconfig'),
        }
        const options = { cwd: folder, env, timeout: 170_000 }
        execFile('bash', ['-e', '-c', commands], options, (error, stdout, stderr) => {
          resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr })
        })
      }),
  }
}

interface Block {
  readonly heading: string
  readonly first: string
  readonly commands: string
}

/** What the page has its readers type, in its order. */
function blocksOf(text: string): readonly Block[] {
  return text.split(/^## /m).flatMap((section) => {
    const heading = section.split('\n')[0] ?? ''
    return [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, commands = '']) => ({
      heading,
      first: commands.split('\n')[0] ?? '',
      commands,
    }))
  })
}
