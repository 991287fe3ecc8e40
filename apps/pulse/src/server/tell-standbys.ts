import { apiVersion, taskNamespace, templateSnapshotName } from '@pulse/api'
import { templateFactsName } from '@pulse/compositions'
import type { Objects } from '@pulse/engine'
import type { LineState } from '@pulse/odoo'

/**
 * Tells each template how many databases stand ready for it, where its composition reads results. Written only when
 * the number has changed; a template whose resource is gone is told nothing.
 */
export function createTellStandbys(objects: Pick<Objects, 'get' | 'apply'>) {
  const told = new Map<string, number>()
  return async (states: readonly LineState[]): Promise<void> => {
    for (const [name, ready] of readyByTemplate(states)) {
      if (told.get(name) === ready) continue
      const facts = { namespace: taskNamespace, name: templateFactsName(name) }
      const template = await objects.get({ apiVersion, kind: 'TemplateSnapshot', name })
      const isThere = await objects.get({ apiVersion: 'v1', kind: 'ConfigMap', ...facts })
      if (template === undefined || isThere === undefined) continue
      const data = { standbys: String(ready) }
      await objects.apply(
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: facts, data },
        { fieldManager: 'pulse-standbys' },
      )
      told.set(name, ready)
    }
  }
}

/** A template in two hostings has two lines. */
function readyByTemplate(states: readonly LineState[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>()
  for (const { line, ready } of states) {
    const name = templateSnapshotName(line.edition, line.major)
    sums.set(name, (sums.get(name) ?? 0) + ready)
  }
  return sums
}
