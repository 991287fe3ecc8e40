import { execFile } from 'node:child_process'
import { access, constants, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { kubernetesWrapper, type WrapperModule, wrapperOf } from './wrapper-module.ts'

const run = promisify(execFile)

/** Pinned, so that a judge changes only when somebody means it to. */
const etcdVersion = 'v3.6.16'
const kubernetesVersion = 'v1.35.4'

const minute = 60_000
/** On two cores that do nothing else the API server takes five to eight minutes. */
const buildMs = 40 * minute
const downloadMs = 10 * minute
const maxOutputBytes = 64 << 20

/** The two programs that are a Kubernetes API. */
export interface ControlPlanePrograms {
  readonly etcd: string
  readonly apiServer: string
}

export type FoundControlPlane =
  | { readonly programs: ControlPlanePrograms }
  /** Why there are none, for whoever skips the tests that need them. */
  | { readonly missing: string }

interface Program {
  readonly name: string
  readonly version: string
  /** What is built, as Go names it. */
  readonly source: string
  readonly linkerFlags: string
  readonly wrapper: (env: NodeJS.ProcessEnv) => Promise<WrapperModule>
}

/**
 * Real etcd and kube-apiserver, built once into the cache folder of the user. Nobody publishes them in a package that a
 * test could bring, so they come from their Go modules, which Go checks against its checksum database. Where there is
 * no Go, or no way to the modules, there are no programs; a build that fails is an error. Safe to call from several
 * processes at once: one builds, the others wait, and a program appears whole, by a rename.
 */
export async function findControlPlane(
  report: (line: string) => void = console.info,
): Promise<FoundControlPlane> {
  const folder = join(cacheFolder(), 'pulse', 'control-plane')
  try {
    const etcd = await provide(folder, etcdProgram, report)
    return { programs: { etcd, apiServer: await provide(folder, apiServerProgram, report) } }
  } catch (error) {
    if (error instanceof Unavailable) return { missing: error.message }
    throw error
  }
}

class Unavailable extends Error {}

const etcdProgram: Program = {
  name: 'etcd',
  version: etcdVersion,
  source: 'go.etcd.io/etcd/server/v3',
  linkerFlags: '-s -w',
  wrapper: async () => wrapperOf('go.etcd.io/etcd/server/v3', etcdVersion),
}

/** A server that was not told its version says that it is v0.0.0. */
const versionPackage = 'k8s.io/component-base/version'
const [, major, minor] = /^v(\d+)\.(\d+)\./.exec(kubernetesVersion) ?? []

const apiServerProgram: Program = {
  name: 'kube-apiserver',
  version: kubernetesVersion,
  source: 'k8s.io/kubernetes/cmd/kube-apiserver',
  linkerFlags: [
    '-s -w',
    `-X ${versionPackage}.gitVersion=${kubernetesVersion}`,
    `-X ${versionPackage}.gitMajor=${major}`,
    `-X ${versionPackage}.gitMinor=${minor}`,
  ].join(' '),
  wrapper: upstreamWrapper,
}

async function upstreamWrapper(env: NodeJS.ProcessEnv): Promise<WrapperModule> {
  const { stdout } = await run(
    'go',
    ['mod', 'download', '-json', `k8s.io/kubernetes@${kubernetesVersion}`],
    { env, cwd: '/', timeout: downloadMs },
  )
  const { GoMod, Dir }: { GoMod: string; Dir: string } = JSON.parse(stdout)
  const [goMod, goSum] = await Promise.all([
    readFile(GoMod, 'utf8'),
    readFile(join(Dir, 'go.sum'), 'utf8'),
  ])
  return kubernetesWrapper(kubernetesVersion, { goMod, goSum })
}

async function provide(
  folder: string,
  program: Program,
  report: (line: string) => void,
): Promise<string> {
  const path = join(folder, `${program.name}-${program.version}`)
  if (await isExecutable(path)) return path
  await mkdir(folder, { recursive: true })
  const work = await mkdtemp(join(folder, 'build-'))
  const env = {
    ...process.env,
    CGO_ENABLED: '0',
    GOFLAGS: '-buildvcs=false -trimpath -mod=mod',
    GOWORK: 'off',
  }
  try {
    await prepare(program, work, env)
    await build(program, { folder, work, path, env, report })
    return path
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Brings the sources; whatever fails here is no fault of theirs. */
async function prepare(program: Program, work: string, env: NodeJS.ProcessEnv): Promise<void> {
  const { name, source, wrapper } = program
  try {
    await run('go', ['version'], { env, timeout: minute })
  } catch {
    throw new Unavailable(`${name} is built with Go, which is not installed`)
  }
  try {
    const { goMod, goSum } = await wrapper(env)
    await writeFile(join(work, 'go.mod'), goMod)
    if (goSum !== undefined) await writeFile(join(work, 'go.sum'), goSum)
    // Only the modules that the program is made of: Kubernetes as a whole requires many more.
    await run('go', ['list', '-deps', source], {
      env,
      cwd: work,
      timeout: downloadMs,
      maxBuffer: maxOutputBytes,
    })
  } catch (error) {
    throw new Unavailable(`the Go modules of ${name} cannot be had: ${lastLine(error)}`)
  }
}

interface Build {
  readonly folder: string
  readonly work: string
  readonly path: string
  readonly env: NodeJS.ProcessEnv
  readonly report: (line: string) => void
}

/** Whoever waited for the lock finds the program there. */
const buildScript = `
[ -x "$0" ] && exit
target=$1; shift
"$@" -o "$target" "$source" && mv "$target" "$0"`

async function build(program: Program, { folder, work, path, env, report }: Build): Promise<void> {
  const { name, version, source, linkerFlags } = program
  const began = Date.now()
  report(`building ${name} ${version}, once: it is kept in ${folder}`)
  const progress = setInterval(() => {
    report(`still building ${name}, for ${Math.round((Date.now() - began) / minute)} min`)
  }, minute)
  const seconds = String(buildMs / 1000)
  const compile = ['nice', 'go', 'build', '-ldflags', linkerFlags]
  try {
    await run(
      'flock',
      [
        ...['--timeout', seconds, join(folder, 'lock')],
        ...['timeout', seconds, 'sh', '-c', buildScript, path, join(work, name), ...compile],
      ],
      { env: { ...env, source }, cwd: work, timeout: 2 * buildMs, maxBuffer: maxOutputBytes },
    )
  } catch (error) {
    throw new Error(`cannot build ${name} ${version}: ${lastLine(error)}`, { cause: error })
  } finally {
    clearInterval(progress)
  }
  report(`built ${name} in ${Math.round((Date.now() - began) / 1000)} s`)
}

/** A program that failed says why at the end of its output, which its error carries. */
function lastLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const output = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr : ''
  return (output.trim() || error.message).split('\n').at(-1) ?? ''
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
