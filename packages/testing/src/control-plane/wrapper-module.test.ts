import { expect, test } from 'vitest'
import { kubernetesWrapper } from './wrapper-module.ts'

test("a wrapper keeps Kubernetes' requirements and takes its libraries as they were published", () => {
  const goMod = [
    'module k8s.io/kubernetes',
    'go 1.25.0',
    'require example.com/other v1.2.3',
    'replace (',
    '\tk8s.io/api => ./staging/src/k8s.io/api',
    ')',
  ].join('\n')
  const wrapper = kubernetesWrapper('v1.35.4', { goMod, goSum: 'sums' })
  expect(wrapper.goMod.split('\n')).toEqual([
    'module control-plane.test/wrapper',
    'go 1.25.0',
    'require example.com/other v1.2.3',
    'replace (',
    '\tk8s.io/api => k8s.io/api v0.35.4',
    ')',
    'require k8s.io/kubernetes v1.35.4',
    '',
  ])
  expect(wrapper.goSum).toBe('sums')
})
