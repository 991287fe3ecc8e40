import { createKinds, isRecord, type KubeObject } from '@pulse/api'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { widget } from './conformance/harness.ts'
import { testKinds } from './conformance/kinds.ts'
import { listTypesOf } from './field-set.ts'
import { isApplied } from './is-applied.ts'
import { withoutNulls } from './json.ts'
import { type FieldManager, trackedPart } from './managed-fields.ts'
import {
  type ApplyContext,
  type Decision,
  decideApply,
  decideCreate,
  decideMerge,
  decideUpdate,
} from './write-rules.ts'

const definition = testKinds('test.pulse/v1', 'Widget')
const lists = listTypesOf(definition)
const time = '2026-01-01T00:00:00Z'

const named = fc.constantFrom('p', 'q', 'r')
const spec = fc.record(
  {
    size: fc.constantFrom(1, 2, null),
    color: fc.constantFrom('red', 'blue'),
    tags: fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { maxLength: 3 }),
    words: fc.array(fc.constantFrom('a', 'b'), { maxLength: 2 }),
    nested: fc.dictionary(fc.constantFrom('k', 'l'), fc.constantFrom(1, true, {}, [])),
    ports: fc.array(
      fc.record(
        { port: fc.constantFrom(1, 2), protocol: fc.constantFrom('TCP', 'UDP'), name: named },
        { requiredKeys: ['port'] },
      ),
      { maxLength: 2 },
    ),
    parts: fc.array(
      fc.record(
        {
          name: named,
          image: fc.constantFrom('i', 'j'),
          env: fc.array(fc.record({ name: named }), { maxLength: 2 }),
        },
        { requiredKeys: ['name'] },
      ),
      { maxLength: 3 },
    ),
  },
  { requiredKeys: [] },
)
const labels = fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('1', '2'))
const step = fc.record({
  by: fc.constantFrom('apply-one', 'apply-two', 'update'),
  spec,
  labels,
})

function contextOf(by: string): ApplyContext {
  const operation = by === 'update' ? 'Update' : 'Apply'
  const who: FieldManager = { manager: by, operation, apiVersion: 'test.pulse/v1' }
  return { definition, manager: who, time, force: true }
}

/** Undefined: it was refused. */
function resultOf(decide: () => Decision): KubeObject | undefined {
  try {
    const decision = decide()
    return decision.kind === 'store' && decision.causes.length > 0 ? undefined : decision.object
  } catch {
    return undefined
  }
}

test('what is taken for applied, changes nothing when it is merged by all rules', () => {
  let applied = 0
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 5 }), (steps) => {
      let live: KubeObject | undefined
      for (const { by, ...given } of steps) {
        const context = contextOf(by)
        const incoming = widget('w', given.spec, { labels: given.labels })
        const before = live
        live =
          resultOf(() => {
            if (before === undefined) return decideCreate(incoming, { ...context, uid: 'u' })
            return by === 'update'
              ? decideUpdate(before, incoming, context)
              : decideMerge(before, wantedOf(incoming), context)
          }) ?? live
        if (live === undefined) continue
        for (const { by: other, ...again } of steps) {
          applied += Number(agrees(live, widget('w', again.spec, { labels: again.labels }), other))
        }
      }
    }),
    { numRuns: 400 },
  )
  expect(applied).toBeGreaterThan(400)
})

/** Whether it is taken for applied; then nothing may come of it. */
function agrees(live: KubeObject, incoming: KubeObject, by: string): boolean {
  const context = contextOf(by)
  const wanted = wantedOf(incoming)
  if (!isApplied(live, wanted, { manager: context.manager, lists })) return false
  expect(decideMerge(live, wanted, context)).toEqual({ kind: 'unchanged', object: live })
  return true
}

function wantedOf(incoming: KubeObject) {
  return withoutNulls(trackedPart(incoming, definition, undefined))
}

test('a Deployment that was applied is seen to be so; not when anything of it is other', async () => {
  const { findKind } = await createKinds()
  const kind = findKind('apps/v1', 'Deployment')
  const context = {
    ...{ definition: kind, time, force: true },
    manager: { manager: 'pulse', operation: 'Apply', apiVersion: 'apps/v1' },
  } as const
  const template = (image: string, ...env: readonly string[]) => ({
    metadata: { labels: { app: 'x' } },
    spec: {
      containers: [
        {
          ...{ name: 'web', image, args: ['--a', '--b'] },
          env: env.map((name) => ({ name, value: 'v' })),
          ports: [{ containerPort: 80 }],
          resources: { limits: { cpu: '1', memory: '1Gi' } },
        },
      ],
    },
  })
  const deployment = (
    image: string,
    env: readonly string[],
    metadata: Readonly<Record<string, unknown>> = {},
  ): KubeObject => ({
    ...{ apiVersion: 'apps/v1', kind: 'Deployment' },
    metadata: { name: 'web', namespace: 'n', labels: { app: 'x' }, ...metadata },
    spec: { selector: { matchLabels: { app: 'x' } }, template: template(image, ...env) },
  })
  const created = decideCreate(deployment('one', ['A', 'B']), { ...context, uid: 'u' })
  const live = { ...created.object, status: { replicas: 1 } }
  const seen = (incoming: KubeObject, one: KubeObject = live) => {
    const wanted = withoutNulls(trackedPart(incoming, kind, undefined))
    return isApplied(one, wanted, { ...context, lists: listTypesOf(kind) })
  }

  expect(seen(deployment('one', ['A', 'B']))).toBe(true)
  expect(decideApply(live, deployment('one', ['A', 'B']), context).object).toBe(live)
  for (const other of [
    deployment('two', ['A', 'B']),
    deployment('one', ['B', 'A']),
    deployment('one', ['A']),
    deployment('one', ['A', 'B', 'C']),
    deployment('one', ['A', 'A']),
    deployment('one', ['A', 'B'], { labels: {} }),
    deployment('one', ['A', 'B'], { annotations: { a: 'b' } }),
  ]) {
    expect(seen(other)).toBe(false)
    expect(resultOf(() => decideApply(live, other, context))).not.toBe(live)
  }
  expect(seen(deployment('one', ['A', 'B']), changed(live, { replicas: 2 }))).toBe(true)
  expect(seen(deployment('one', ['A', 'B']), changed(live, { selector: {} }))).toBe(false)
})

test('of another manager, or of another version of the kind, nothing is taken for applied', () => {
  const context = contextOf('apply-one')
  const given = widget('w', { color: 'red' })
  const { object: live } = decideCreate(given, { ...context, uid: 'u' })
  const wanted = wantedOf(given)
  expect(isApplied(live, wanted, { manager: context.manager, lists })).toBe(true)
  for (const other of [
    { manager: 'another' },
    { operation: 'Update' },
    { apiVersion: 'test.pulse/v2' },
    { subresource: 'status' },
  ] as const) {
    const who = { ...context.manager, ...other }
    expect(isApplied(live, wanted, { manager: who, lists })).toBe(false)
  }
})

test('what a newer version fills in by default is written, though nothing else has changed', () => {
  const context = contextOf('apply-one')
  const given = widget('w', { color: 'red' })
  const { object: live } = decideCreate(given, { ...context, uid: 'u' })
  const grown = {
    ...definition,
    setDefaults: (object: KubeObject) =>
      changed(definition.setDefaults(object), { shape: 'round' }),
  }
  const decision = decideApply(live, given, { ...context, definition: grown })
  expect(decision.object.spec).toEqual({ color: 'red', size: 1, shape: 'round' })
})

function changed(object: KubeObject, more: Readonly<Record<string, unknown>>): KubeObject {
  return { ...object, spec: { ...(isRecord(object.spec) && object.spec), ...more } }
}
