import type { KubeObject } from '@pulse/api'
import { expect, test } from 'vitest'
import { machine } from './scenario.suite.ts'
import { isDone, jobUnlessDone, makeStep, type Observed, stepState, stepsOf } from './step.ts'

const resource: KubeObject = {
  apiVersion: 'planapulse.com/v1alpha1',
  kind: 'TemplateSnapshot',
  metadata: { name: 'basic-18' },
}

function step(argument: string, { once = false, owner = resource } = {}) {
  const labels = { some: 'label' }
  const args = ['task', 'template', argument]
  return makeStep(owner, { name: 'build', label: 'acme', args, once, labels, parameters: machine })
}

function retried(attempt: string): KubeObject {
  const annotations = { 'planapulse.com/retry': attempt }
  return { ...resource, metadata: { ...resource.metadata, annotations } }
}

type End = 'Complete' | 'Failed' | undefined

/** The step's Job as the cluster shows it. */
function seen(of: ReturnType<typeof step>, end?: End): Observed {
  const conditions = end === undefined ? [] : [{ type: end, status: 'True', message: 'so it is' }]
  return { [of.key]: { ...of.job, status: { conditions } } }
}

const names = (objects: Observed) => Object.values(objects).map(({ metadata }) => metadata.name)

test('a step begins with one Job, named after its inputs', () => {
  expect(names(jobUnlessDone(step('a'), resource, {}))).toEqual([step('a').job.metadata.name])
  expect(step('a').job.metadata.name).not.toBe(step('b').job.metadata.name)
})

test('new inputs wait for the end of the Job that runs', () => {
  const objects = jobUnlessDone(step('b'), resource, seen(step('a')))
  expect(names(objects)).toEqual([step('a').job.metadata.name])
})

test('a Job that failed stays, and nothing is tried again by itself', () => {
  const observed = seen(step('a'), 'Failed')
  expect(stepState(step('a'), resource, observed)).toMatchObject({ phase: 'failed' })
  expect(names(jobUnlessDone(step('a'), resource, observed))).toEqual(names(observed))
})

test('a retry that is asked for is a Job of another name beside the one that failed', () => {
  const owner = retried('1')
  const again = step('a', { owner })
  const objects = jobUnlessDone(again, owner, seen(step('a'), 'Failed'))
  const { name } = step('a').job.metadata
  expect(names(objects)).toEqual([name, `${name}-r1`])
})

test('only the newest failure is kept beside a retry', () => {
  const first = seen(step('a'), 'Failed')
  const second = seen(step('a', { owner: retried('1') }), 'Failed')
  const dated = Object.entries({ ...first, ...second }).map(([key, job], day) => {
    const creationTimestamp = `2026-11-2${day}T00:00:00Z`
    return [key, { ...job, metadata: { ...job.metadata, creationTimestamp } }] as const
  })
  const third = step('a', { owner: retried('2') })
  const objects = jobUnlessDone(third, retried('2'), Object.fromEntries(dated))
  expect(names(objects)).toEqual([...names(second), third.job.metadata.name])
})

test.each(['0', '-1', 'x', '1 2', '1000'])('%j is no attempt', (attempt) => {
  const owner = retried(attempt)
  expect(step('a', { owner }).job.metadata.name).toBe(step('a').job.metadata.name)
})

test('changed inputs after a failure are another attempt', () => {
  const objects = jobUnlessDone(step('b'), resource, seen(step('a'), 'Failed'))
  expect(names(objects)).toContain(step('b').job.metadata.name)
})

test('a finished Job is named until its end is recorded, and not after', () => {
  const observed = seen(step('a'), 'Complete')
  expect(isDone(step('a'), resource, observed)).toBe(true)
  expect(names(jobUnlessDone(step('a'), resource, observed))).toEqual(names(observed))

  const recorded = { ...resource, status: { steps: stepsOf([step('a')], resource, observed) } }
  expect(jobUnlessDone(step('a'), recorded, observed)).toEqual({})
  expect(isDone(step('a'), recorded, {})).toBe(true)
})

test('new inputs after the end are a new Job, except for what happens once', () => {
  const observed = seen(step('a'), 'Complete')
  const steps = stepsOf([step('a')], resource, observed)
  const recorded = { ...resource, status: { steps } }
  expect(isDone(step('b'), recorded, {})).toBe(false)
  expect(names(jobUnlessDone(step('b'), recorded, {}))).toEqual([step('b').job.metadata.name])
  expect(isDone(step('b', { once: true }), recorded, {})).toBe(true)
})

test('what was recorded stays recorded', () => {
  const steps = { other: { inputsHash: 'h', result: 'Succeeded' } }
  expect(stepsOf([step('a')], { ...resource, status: { steps } }, {})).toEqual(steps)
})
