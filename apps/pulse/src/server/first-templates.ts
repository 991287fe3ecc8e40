import {
  apiVersion,
  editions,
  hasReason,
  type KubeObject,
  type Log,
  recordOf,
  templateSnapshotName,
} from '@pulse/api'
import { standInRevision } from '@pulse/compositions'
import type { Objects } from '@pulse/engine'
import type { Runtime } from '@pulse/odoo'
import type { Runtimes } from './runtimes.ts'

const fieldManager = 'pulse'

/** The templates of what is registered now, and of what is registered later. */
export async function keepTemplates(
  objects: Pick<Objects, 'get' | 'create' | 'update'>,
  runtimes: Pick<Runtimes, 'all' | 'onChange'>,
  log: Log,
) {
  await ensureTemplates(objects, runtimes.all())
  runtimes.onChange(() => {
    const ensured = ensureTemplates(objects, runtimes.all())
    ensured.catch((error: unknown) => log.warn({ err: error }, 'no template for a new runtime'))
  })
}

/**
 * Gives each served major its templates, made by installing Odoo's base once: from then on tenants are cloned, and
 * databases stand ready. A template that an operator has imported stays as it is; one of another runtime is made anew,
 * since what the stand-in has installed is no database for Odoo.
 */
export async function ensureTemplates(
  objects: Pick<Objects, 'get' | 'create' | 'update'>,
  runtimes: readonly Pick<Runtime, 'major' | 'version' | 'standIn'>[],
) {
  const wanted = runtimes.flatMap((runtime) => editions.map((edition) => ({ edition, runtime })))
  for (const { edition, runtime } of wanted) {
    const { major, version, standIn } = runtime
    const name = templateSnapshotName(edition, major)
    const rev = standIn ? standInRevision : `odoo-${version}`
    const kind = { apiVersion, kind: 'TemplateSnapshot' } as const
    try {
      const before = await objects.get({ ...kind, name })
      if (before === undefined) {
        const spec = { edition, odooVersion: major, rev, source: { install: {} } }
        await objects.create({ ...kind, metadata: { name }, spec }, { fieldManager })
      } else if (installedAs(before) !== undefined && installedAs(before) !== rev) {
        await objects.update(
          { ...before, spec: { ...recordOf(before.spec), rev } },
          { fieldManager },
        )
      }
    } catch (error) {
      // Somebody else has just written it: theirs holds.
      if (!hasReason(error, 'AlreadyExists') && !hasReason(error, 'Conflict')) throw error
    }
  }
}

/** Revision of a template that Pulse installs by itself; undefined for any other. */
function installedAs({ spec }: KubeObject): string | undefined {
  const { source, rev, modules } = recordOf(spec)
  const isOurs = 'install' in recordOf(source) && Array.isArray(modules) && modules.length === 0
  return isOurs ? String(rev ?? '') : undefined
}
