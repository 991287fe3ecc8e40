import { type OdooMajor, odooMajors } from '@pulse/api'
import type { Images } from '@pulse/engine'
import { commandOf, type RuntimeLookup } from '@pulse/odoo'
import { images } from './parameters.ts'

/** Where a worker finds programs; not ours, which may be a login's. */
const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The table of images: our own is the task runner, `base-18` the registered runtime of Odoo 18. */
export function createImageTable(runtimes: RuntimeLookup, printers: string): Images {
  const odoo = (major: OdooMajor) => images.odoo.replaceAll('{major}', major)
  return {
    resolveImage(image) {
      if (image === images.server) return { type: 'task-runner' }
      const major = odooMajors.find((candidate) => odoo(candidate) === image)
      const runtime = major === undefined ? undefined : runtimes(major)
      if (runtime === undefined) return undefined
      const { file, args, env } = commandOf(runtime, 'server')
      return {
        type: 'process',
        command: [file, ...args],
        env: { ...env, PATH: `${printers}:${systemPath}` },
      }
    },
    knownImages: () => [
      images.server,
      ...odooMajors.filter((major) => runtimes(major) !== undefined).map(odoo),
    ],
  }
}
