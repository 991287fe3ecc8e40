import { type OdooMajor, odooMajors } from '@pulse/api'
import { commandOf, type RuntimeLookup } from '@pulse/odoo'
import { images } from './parameters.ts'

/** What an image name means on this machine. */
export type Image =
  | {
      readonly type: 'process'
      readonly command: readonly string[]
      readonly env: Readonly<Record<string, string>>
    }
  | { readonly type: 'task-runner' }

/** The table of images: our own is the task runner, `base-18` the registered runtime of Odoo 18. */
export function createImageTable(runtimes: RuntimeLookup) {
  const odoo = (major: OdooMajor) => images.odoo.replaceAll('{major}', major)
  return {
    resolveImage(image: string): Image | undefined {
      if (image === images.server) return { type: 'task-runner' }
      const major = odooMajors.find((candidate) => odoo(candidate) === image)
      const runtime = major === undefined ? undefined : runtimes(major)
      if (runtime === undefined) return undefined
      const { file, args, env } = commandOf(runtime, 'server')
      return { type: 'process', command: [file, ...args], env }
    },
    knownImages: (): readonly string[] => [
      images.server,
      ...odooMajors.filter((major) => runtimes(major) !== undefined).map(odoo),
    ],
  }
}
