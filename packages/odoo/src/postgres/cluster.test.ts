import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { isPostgresRunning } from './cluster.ts'

test('PostgreSQL runs only while its process stands in the data folder', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'pulse-postgres-'))
  onTestFinished(() => rmSync(stateDir, { recursive: true }))
  expect(await isPostgresRunning(stateDir)).toBe(false)
  const data = join(stateDir, 'postgres', 'data')
  mkdirSync(data, { recursive: true })
  writeFileSync(join(data, 'postmaster.pid'), `${process.pid}\n`)
  expect(await isPostgresRunning(stateDir)).toBe(false)
  const server = spawn('sleep', ['60'], { cwd: data })
  onTestFinished(() => void server.kill('SIGKILL'))
  await once(server, 'spawn')
  writeFileSync(join(data, 'postmaster.pid'), `${server.pid}\n`)
  expect(await isPostgresRunning(stateDir)).toBe(true)
})
