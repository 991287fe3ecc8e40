import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { detectCgroups, writableControllers } from './cgroup.ts'

/** A hierarchy of version 2 as a mount of it looks; its files are plain ones. */
function unifiedMount() {
  const folder = mkdtempSync(join(tmpdir(), 'pulse-cgroup-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const control = join(folder, 'cgroup.subtree_control')
  writeFileSync(join(folder, 'cgroup.controllers'), 'cpuset cpu memory pids\n')
  writeFileSync(control, '')
  const facts: [string, string] = [`1 2 0:3 / ${folder} rw - cgroup2 cgroup2 rw\n`, '0::/\n']
  return { facts, control }
}

test('asking what can be limited changes nothing, detecting it hands the controllers down', () => {
  const { facts, control } = unifiedMount()
  expect(writableControllers(facts)).toEqual(['memory', 'cpu', 'pids'])
  expect(readFileSync(control, 'utf8')).toBe('')
  expect(detectCgroups(...facts).controllers).toEqual(['memory', 'cpu', 'pids'])
  expect(readFileSync(control, 'utf8')).toBe('+memory +cpu +pids')
})

test('where nothing can be handed down, nothing can be limited', () => {
  const { facts, control } = unifiedMount()
  rmSync(control)
  expect(writableControllers(facts)).toEqual([])
  expect(writableControllers(['', '0::/\n'])).toEqual([])
})
