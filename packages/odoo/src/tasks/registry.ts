import type { TSchema } from 'typebox'
import Type from 'typebox'
import { Value } from 'typebox/value'
import { EnvironmentDroppedError } from '../database/dropped.ts'
import { createJournal } from '../journal.ts'
import { claim } from './claim.ts'
import { claimArgs } from './claim-args.ts'
import { drop, dropArgs } from './drop.ts'
import { fill, fillArgs } from './fill.ts'
import { parseTaskArgs, TaskArgsError } from './parse-args.ts'
import { poolRole, poolRoleArgs } from './pool-role.ts'
import { purge, purgeArgs } from './purge.ts'
import { standbyDrop, standbyDropArgs } from './standby-drop.ts'
import type { TaskContext, TaskDeps } from './task.ts'
import { template, templateArgs } from './template.ts'

/** Imperative work that runs to completion; run again, it goes on where it was stopped (decision D4). */
export interface Task {
  readonly summary: string
  readonly schema: TSchema
  run(context: TaskContext, argv: readonly string[]): Promise<void>
}

/** Every task of environments by the name that `pulse task` calls it. */
export const tasks: Readonly<Record<string, Task>> = {
  claim: task('claim', 'a database and a filestore for one environment', claimArgs, claim),
  drop: task('drop', 'an environment out of reach, gone after its retention', dropArgs, drop),
  fill: task('fill', 'one standby database', fillArgs, fill),
  'pool-role': task('pool-role', 'the role of a pool with its password', poolRoleArgs, poolRole),
  purge: task('purge', 'what has expired, for good', purgeArgs, purge),
  'standby-drop': task(
    'standby-drop',
    'standby databases that nobody needs',
    standbyDropArgs,
    standbyDrop,
  ),
  template: task('template', 'the template of an edition and major', templateArgs, template),
}

/** Runs one task by its name and command line (without `pulse task {name}`). */
export async function runTask(
  name: string,
  argv: readonly string[],
  options: { readonly deps: TaskDeps; readonly signal: AbortSignal },
): Promise<void> {
  const found = mustFind(name)
  const { deps, signal } = options
  await found.run({ ...deps, journal: createJournal(name, deps.log), signal }, argv)
}

/** Refuses a command line that no task understands, with a `TaskArgsError`, before anything is opened for it. */
export function checkTaskArgs(name: string, argv: readonly string[]) {
  parseTaskArgs(name, mustFind(name).schema, argv)
}

function mustFind(name: string): Task {
  const found = Object.hasOwn(tasks, name) ? tasks[name] : undefined
  if (found) return found
  throw new TaskArgsError(name, [`unknown task: there are ${Object.keys(tasks).join(', ')}`])
}

function task<Schema extends TSchema>(
  name: string,
  summary: string,
  schema: Schema,
  work: (context: TaskContext, args: Type.Static<Schema>) => Promise<void>,
): Task {
  return {
    summary,
    schema,
    async run(context, argv) {
      const args = parseTaskArgs(name, schema, argv)
      try {
        await work(context, args)
      } catch (error) {
        await tellFailure(context, args, error)
        throw error
      }
    },
  }
}

/** Why it gave up stands where its results would: one line under `error`, which the next success takes away. */
async function tellFailure(context: TaskContext, args: unknown, error: unknown): Promise<void> {
  if (context.signal.aborted || !Value.Check(factsTarget, args)) return
  // By now another environment may have the name, and with it these facts.
  if (error instanceof EnvironmentDroppedError) return
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
  await context.results
    .applyConfigMap({ namespace: args.namespace, name: args.facts }, { error: line })
    .catch((cause: unknown) => context.log.warn({ err: cause }, 'failure not told'))
}

const factsTarget = Type.Object({ namespace: Type.String(), facts: Type.String() })
