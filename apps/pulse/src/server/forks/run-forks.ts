import { join } from 'node:path'
import { apiVersion, type OdooMajor } from '@pulse/api'
import { followKind } from '@pulse/engine'
import { listTemplates, withConnection } from '@pulse/odoo'
import type { Ground } from '../ground.ts'
import { searchPath } from '../images.ts'
import type { Runtimes } from '../runtimes.ts'
import { type Forks, openForks } from './open-forks.ts'

export type RunForksDeps = Pick<
  Ground,
  'config' | 'state' | 'administration' | 'objects' | 'clock' | 'log' | 'signal'
>

/** Keeps a parent for each runtime, with the code of its templates loaded; `onChange` when one has come or gone. */
export function runForks(deps: RunForksDeps, runtimes: Runtimes, onChange: () => void): Forks {
  const { config, state, administration, objects, clock, signal } = deps
  const log = deps.log.child({ part: 'forks' })

  async function modules(major: OdooMajor): Promise<readonly string[]> {
    const register = { database: administration.registerDatabase, signal }
    const templates = await withConnection(administration, register, listTemplates)
    return templates
      .filter((template) => template.major === major)
      .flatMap(({ details }) => details.modules)
  }

  const folder = join(state.root, 'forks')
  const path = searchPath(state.paths.programs)
  const all = runtimes.all
  const forks = openForks({ config, folder, path, runtimes: all, modules, clock, log, onChange })
  const refresh = () => {
    forks
      .refresh()
      .catch((error: unknown) => log.warn({ err: error }, 'parents of forks not renewed'))
  }
  refresh()
  runtimes.onChange(refresh)
  followKind(
    { apiVersion, kind: 'TemplateSnapshot' },
    { objects, clock, log, signal, random: Math.random, onChange: refresh, onGap: refresh },
  )
  return forks
}
