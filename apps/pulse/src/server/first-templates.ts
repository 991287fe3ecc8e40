import { apiVersion, editions, hasReason, type OdooMajor, templateSnapshotName } from '@pulse/api'
import type { Objects } from '@pulse/engine'

/**
 * Gives each served major its templates, made by installing Odoo's base once: from then on tenants are cloned, and
 * databases stand ready. A template that an operator has imported stays as it is.
 */
export async function ensureTemplates(objects: Objects, majors: readonly OdooMajor[]) {
  const wanted = majors.flatMap((major) => editions.map((edition) => [edition, major] as const))
  for (const [edition, odooVersion] of wanted) {
    const name = templateSnapshotName(edition, odooVersion)
    try {
      await objects.create(
        {
          apiVersion,
          kind: 'TemplateSnapshot',
          metadata: { name },
          spec: { edition, odooVersion, source: { install: {} } },
        },
        { fieldManager: 'pulse' },
      )
    } catch (error) {
      if (!hasReason(error, 'AlreadyExists')) throw error
    }
  }
}
