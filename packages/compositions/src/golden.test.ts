/**
 * One folder of `testdata/cases` per case: `input.yaml` says what is wanted and how the world answered each pass,
 * `output.yaml` is what the last pass composes. Written anew by `npm test -- -u`, and reviewed like code.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KubeObject } from '@pulse/api'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { makePool } from './pool.ts'
import {
  afterPass,
  backup,
  composers,
  environmentOf,
  machine,
  merge,
  type Tree,
  templateOf,
  type World,
} from './scenario.suite.ts'

const testdata = join(import.meta.dirname, 'testdata')

interface Case {
  readonly compose: string
  readonly client?: { readonly from: string; readonly spec?: Tree }
  readonly environment?: Tree
  readonly template?: Tree
  readonly major?: '17' | '18' | '19'
  readonly parameters?: Tree
  readonly required?: Readonly<Record<string, readonly KubeObject[]>>
  readonly passes?: readonly Tree[]
}

const names = readdirSync(join(testdata, 'cases'))

test.each(names)('%s is composed as written down', async (name) => {
  const input = readYaml<Case>(`cases/${name}/input.yaml`)
  const output = composeLastPass(input)
  const path = join(testdata, 'cases', name, 'output.yaml')
  await expect(
    stringify(output, { lineWidth: 0, aliasDuplicateObjects: false }),
  ).toMatchFileSnapshot(path)
})

function composeLastPass({ compose, passes = [], ...input }: Case) {
  const composer = composers[compose]
  if (composer === undefined) throw new Error(`no composition is called ${compose}`)
  const client = input.client === undefined ? undefined : clientOf(input.client)
  let world: World = {
    resource: resourceOf(input, client),
    observed: {},
    required: { ...(client === undefined ? {} : { client: [client] }), ...input.required },
    parameters: merge(machine, input.parameters) as World['parameters'],
  }
  let output = composer(world)
  for (const changes of passes) {
    world = afterPass(world, output, changes)
    output = composer(world)
  }
  return output
}

function resourceOf({ environment, template, major }: Omit<Case, 'compose'>, client?: KubeObject) {
  if (major !== undefined) return makePool(major)
  if (template !== undefined) return templateOf(template)
  if (client === undefined) return backup()
  return environment === undefined ? client : environmentOf(client, environment)
}

function clientOf({ from, spec = {} }: NonNullable<Case['client']>): KubeObject {
  return merge(readYaml<KubeObject>(`clients/${from}.yaml`), { spec }) as KubeObject
}

/** Test data of ours: trusted to have the shape it is read as. */
function readYaml<Shape>(path: string): Shape {
  return parse(readFileSync(join(testdata, path), 'utf8')) as Shape
}
