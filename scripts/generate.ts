/**
 * Writes every generated file; with `--check` it only compares, and fails on a difference. To generate one more
 * document, add its producer to the list.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { checkedActionsReference } from './reference/checked-actions.ts'
import { cliReference } from './reference/cli.ts'
import { configReference } from './reference/config.ts'
import { eventsReference } from './reference/events.ts'
import type { GeneratedFile } from './reference/generated-file.ts'
import { kindsReference } from './reference/kinds.ts'
import { kubernetesApiReference } from './reference/kubernetes-api.ts'
import { licencesReference } from './reference/licences.ts'
import { metricsReference } from './reference/metrics.ts'
import { officialTypes } from './reference/official-types.ts'
import { problemsReference } from './reference/problems.ts'
import { requestClassesReference } from './reference/request-classes.ts'
import { xrdFolder, xrdManifests } from './reference/xrds.ts'

const root = join(import.meta.dirname, '..')

type Producer = () => readonly GeneratedFile[] | Promise<readonly GeneratedFile[]>

const producers: readonly Producer[] = [
  kindsReference,
  problemsReference,
  eventsReference,
  xrdManifests,
  cliReference,
  configReference,
  metricsReference,
  checkedActionsReference,
  licencesReference,
  requestClassesReference,
  kubernetesApiReference,
  officialTypes,
]

/** Folders in which nothing but generated files may stand. */
const ownedFolders = [xrdFolder]

const files = (await Promise.all(producers.map((produce) => produce()))).flat()
const changed = files.filter(({ path, text }) => read(path) !== text)
const stale = ownedFolders
  .flatMap((folder) => list(folder).map((name) => `${folder}/${name}`))
  .filter((path) => !files.some((file) => file.path === path))

if (process.argv.includes('--check')) {
  const wrong = [...changed.map(({ path }) => path), ...stale]
  if (wrong.length > 0) {
    console.error(`not up to date, run \`npm run generate\`:\n  ${wrong.join('\n  ')}`)
    process.exitCode = 1
  }
} else {
  for (const { path, text } of changed) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
    console.log(`wrote ${path}`)
  }
  for (const path of stale) {
    rmSync(join(root, path))
    console.log(`removed ${path}`)
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(join(root, path), 'utf8')
  } catch {
    return undefined
  }
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(join(root, folder))
  } catch {
    return []
  }
}
