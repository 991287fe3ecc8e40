import { type OdooMajor, odooMajors } from '@pulse/api'
import type { ForkServer, Image, Images } from '@pulse/engine'
import { commandOf, type Runtime, type RuntimeLookup } from '@pulse/odoo'
import { images } from './parameters.ts'

/** Where a worker finds programs; not our own path, which may be a login's. */
export function searchPath(first: string): string {
  return `${first}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`
}

export interface ImagePaths {
  /** Our server-wide add-ons. */
  readonly addons: string
  /** Programs that workers of Odoo find first, and those of the stand-in. */
  readonly programs: string
  readonly standInPrograms: string
}

/** The table of images: our own is the task runner, `base-18` the registered runtime of Odoo 18. */
export function createImageTable(
  runtimes: RuntimeLookup,
  paths: ImagePaths,
  forkOf: (major: OdooMajor, labels: Readonly<Record<string, string>>) => ForkServer | undefined,
): Images {
  const odoo = (major: OdooMajor) => images.odoo.replaceAll('{major}', major)
  return {
    resolveImage(image, labels) {
      if (image === images.server) return { type: 'task-runner' }
      const major = odooMajors.find((candidate) => odoo(candidate) === image)
      const runtime = major === undefined ? undefined : runtimes(major)
      return runtime && workerImage(runtime, paths, forkOf(runtime.major, labels))
    },
    knownImages: () => [
      images.server,
      ...odooMajors.filter((major) => runtimes(major) !== undefined).map(odoo),
    ],
  }
}

function workerImage(
  runtime: Runtime,
  { addons, programs, standInPrograms }: ImagePaths,
  fork: ForkServer | undefined,
): Image {
  const addonsPath = addonsPathOf(runtime, addons)
  const { file, args, env } = commandOf({ ...runtime, addonsPath }, 'server')
  const own = runtime.standIn ? standInPrograms : programs
  return {
    type: 'process',
    command: [file, ...args],
    env: { ...env, PULSE_PYTHON: file, PATH: searchPath(own) },
    ...(fork && { fork }),
  }
}

/** A path that is given replaces the one that Odoo finds by itself. */
function addonsPathOf({ path, addonsPath }: Runtime, addons: string): string | undefined {
  if (path === undefined) return addonsPath
  return [addonsPath ?? `${path}/odoo/addons,${path}/addons`, addons].join(',')
}
