import {
  apiVersionOf,
  type KindDefinition,
  type KubeObject,
  listAt,
  unfinishedDatabaseName,
} from '@pulse/api'
import type { Objects } from '@pulse/engine'
import { namesAtWork, readRegistered, withConnection } from '@pulse/odoo'
import { hasEnded } from './has-ended.ts'
import type { Owners, Standing } from './leak-facts.ts'
import type { MachineUnderCheck } from './list-standing.ts'

export interface OwnersUnderCheck extends Omit<MachineUnderCheck, 'stateDir'> {
  readonly objects: Pick<Objects, 'list'>
  readonly kinds: readonly KindDefinition[]
}

/** All that anything of this may belong to. */
export async function listOwners(
  { administration, objects, kinds, signal }: OwnersUnderCheck,
  { databases, roles, staging }: Pick<Standing, 'databases' | 'roles' | 'staging'>,
): Promise<Owners> {
  const uids = new Set<string>()
  const volumeClaims = new Set<string>()
  const unfinished = new Set<string>()
  for await (const object of allObjects(objects, kinds)) {
    signal.throwIfAborted()
    const { uid = '', namespace, name } = object.metadata
    uids.add(uid)
    if (object.kind === 'PersistentVolumeClaim') volumeClaims.add(`${namespace}/${name}`)
    if (object.kind === 'Job' && !hasEnded(object)) {
      for (const made of madeBy(object)) unfinished.add(made)
    }
  }
  const register = { database: administration.registerDatabase, signal }
  return await withConnection(administration, register, async (connection) => {
    const names = [...databases.map(({ name }) => name), ...roles, ...staging]
    const locks = new Map(names.flatMap((name) => lockOf(name)))
    const atWork = await namesAtWork(connection, [...locks.keys()])
    for (const lock of atWork) unfinished.add(locks.get(lock) ?? '')
    return { registered: await readRegistered(connection), uids, volumeClaims, unfinished }
  })
}

const pageSize = 500

async function* allObjects(
  objects: Pick<Objects, 'list'>,
  kinds: readonly KindDefinition[],
): AsyncGenerator<KubeObject> {
  for (const kind of kinds) {
    const query = { apiVersion: apiVersionOf(kind), kind: kind.kind, limit: pageSize }
    let next: string | undefined
    do {
      const page = await objects.list({ ...query, ...(next !== undefined && { continue: next }) })
      yield* page.items
      next = page.continue
    } while (next !== undefined)
  }
}

/** The unfinished database that a Job's task goes on with, however often it is killed. */
function madeBy(job: KubeObject): readonly string[] {
  const [container] = listAt(job, 'spec.template.spec.containers')
  const args = listAt(container, 'args').map(String)
  const flag = (name: string) =>
    args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3)
  const [, task] = args
  if (task === 'fill') return [unfinishedDatabaseName(flag('id') ?? '')]
  if (task !== 'template') return []
  return [unfinishedDatabaseName(`template-${flag('edition')}-${flag('major')}`)]
}

/** What its maker holds while it makes an unfinished database, by that database's name. */
function lockOf(name: string): readonly (readonly [lock: string, database: string])[] {
  const base = name.replace(/^work-/, '').replace(/-(session|retired)$/, '')
  const [, id] = /^filling_(.+)$/.exec(base.replace(/-retired$/, '')) ?? []
  if (id === undefined) return []
  const [, template] = /^template-(.+)$/.exec(id) ?? []
  const lock = template === undefined ? `standby_${id}` : `template:${template}`
  return [[lock, unfinishedDatabaseName(id)]]
}
