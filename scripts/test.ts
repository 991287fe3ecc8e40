/**
 * `npm test`: brings what the tests need onto this machine, then runs them all. What is missing comes from Debian's
 * packages, only with consent, and no installation starts a service. A Kubernetes API is built, where there is Go.
 * Arguments go on to vitest.
 */
import { spawnSync } from 'node:child_process'
import { userInfo } from 'node:os'
import { createInterface } from 'node:readline/promises'
import { findControlPlane } from '../packages/testing/src/control-plane/programs.ts'
import { installPackages, missingPackages } from './debian-packages.ts'

const args = process.argv.slice(2)
const missing = missingPackages()
if (missing.length > 0) await provide(missing)
await provideControlPlane()

const vitest = spawnSync(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    ...['unit', 'integration', 'e2e'].map((name) => `--project=${name}`),
    '--reporter=default',
    '--reporter=./scripts/closing-line-reporter.ts',
    ...args.filter((arg) => arg !== '--yes'),
  ],
  { stdio: 'inherit' },
)
process.exit(vitest.status ?? 1)

async function provide(packages: readonly { name: string; why: string }[]) {
  console.log('The tests need these Debian packages, which are not here yet:')
  for (const { name, why } of packages) console.log(`  ${name.padEnd(16)} ${why}`)
  const command = `apt-get install --no-install-recommends ${packages.map(({ name }) => name).join(' ')}`
  if (userInfo().uid !== 0) {
    console.error(`\nOnly root may install them. Please run as root:\n  ${command}`)
    process.exit(1)
  }
  if (!(await consents())) {
    console.error(`\nNot installed. Run again with --yes, or install them yourself:\n  ${command}`)
    process.exit(1)
  }
  installPackages(packages.map(({ name }) => name))
}

/** Before the tests rather than among them: the first build keeps every core busy for minutes. */
async function provideControlPlane() {
  const found = await findControlPlane()
  if ('missing' in found) console.warn(`Not compared with a real Kubernetes API: ${found.missing}`)
}

async function consents(): Promise<boolean> {
  if (process.env.CI === 'true' || args.includes('--yes')) return true
  if (!process.stdin.isTTY) return false
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await terminal.question('Install them now? No service will be started. [yes/no] ')
  terminal.close()
  return answer.trim().toLowerCase() === 'yes'
}
