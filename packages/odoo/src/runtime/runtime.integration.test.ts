import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { addRuntime } from './add-runtime.ts'
import { checkRuntime } from './check-runtime.ts'
import { installRuntime } from './install-runtime.ts'
import { commandOf } from './runtime.ts'
import { listRuntimes, removeRuntime } from './runtime-files.ts'

const hasPython = present('python3')
let stateDir: string
let source: string
const lines: string[] = []
const onLine = (line: string) => void lines.push(line)

/** The least that looks like a source tree: what is imported is there, and does nothing. */
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'pulse-runtime-'))
  source = join(stateDir, 'source')
  for (const folder of ['odoo/service', 'odoo/modules']) {
    await mkdir(join(source, folder), { recursive: true })
    await writeFile(join(source, folder, '__init__.py'), '')
  }
  for (const file of [
    'odoo/__init__.py',
    'odoo/http.py',
    'odoo/service/server.py',
    'odoo/modules/registry.py',
  ]) {
    await writeFile(join(source, file), '')
  }
  await writeFile(join(source, 'odoo/release.py'), "version_info = (18, 0, 0, 'final', 0, '')\n")
  await writeFile(join(source, 'requirements.txt'), '')
})
afterEach(() => rm(stateDir, { recursive: true, force: true }))

describe.skipIf(!hasPython)('runtimes (needs python3)', () => {
  test('a tree is registered once it shows that it is that major', async () => {
    const runtime = await addRuntime({ stateDir, major: '18', path: source, onLine })
    expect(runtime).toMatchObject({ major: '18', version: '18.0', standIn: false })
    expect(await listRuntimes(stateDir)).toEqual([runtime])
    expect(await checkRuntime(runtime)).toEqual([])
    expect(await removeRuntime(stateDir, '18')).toBe(true)
    expect(await listRuntimes(stateDir)).toEqual([])
  })

  test('it is told where its bytecode goes, and what is wrong with the interpreter in one line', async () => {
    lines.length = 0
    // Says of itself what one with a known fault does, as the real one does: with a line end.
    const python = join(stateDir, 'python')
    const real = execFileSync('/bin/sh', ['-c', 'command -v python3'], { encoding: 'utf8' }).trim()
    const script = `#!/bin/sh\ncase "$2" in *python_version*) echo 3.11.2;; *) exec ${real} "$@";; esac\n`
    await writeFile(python, script, { mode: 0o755 })
    await addRuntime({ stateDir, major: '18', path: source, python, onLine })
    expect(lines).toContain(`compiling bytecode, once, to the folders __pycache__ of ${source}`)
    expect(lines).toContainEqual(expect.stringMatching(/^warning: Python 3\.11\.2 may fail .*$/))
    expect(lines.join('')).not.toContain('\n')
  })

  test('another major, no source and no folder are told apart', async () => {
    const add = (path: string) => addRuntime({ stateDir, major: '17', path, onLine })
    await expect(add(source)).rejects.toThrow('is Odoo 18.0, not 17')
    await expect(add(join(source, 'odoo'))).rejects.toThrow('has no odoo/release.py')
    await expect(add(join(source, 'nowhere'))).rejects.toThrow('there is no folder')
  })

  test('a missing Python package is named with the command that installs it', async () => {
    await writeFile(join(source, 'odoo/http.py'), 'import surely_not_there\n')
    await expect(addRuntime({ stateDir, major: '18', path: source, onLine })).rejects.toThrow(
      /the Python package surely_not_there is missing: .* -m pip install -r /,
    )
    expect(await listRuntimes(stateDir)).toEqual([])
  })

  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t.test', ...args], {
      cwd: source,
      stdio: 'ignore',
    })
  const commit = () => {
    git('init', '--initial-branch=18.0')
    git('add', '.')
    git('commit', '--message=source', '--allow-empty')
  }

  test.skipIf(!present('git') || !hasVenv())(
    'an installation that fails leaves the one before it, which serves, as it was (needs git and venv)',
    async () => {
      const options = { stateDir, major: '18', onLine, from: source } as const
      const folders = async () =>
        (await readdir(join(stateDir, 'runtimes'))).filter((name) => !name.endsWith('.json'))
      commit()
      const working = await installRuntime(options)
      const before = await folders()
      await writeFile(join(source, 'odoo/http.py'), 'import surely_not_there\n')
      commit()
      await expect(installRuntime(options)).rejects.toThrow('surely_not_there')
      await expect(installRuntime({ ...options, ref: 'nowhere' })).rejects.toThrow('nowhere')
      expect(await listRuntimes(stateDir)).toEqual([working])
      expect(await checkRuntime(working)).toEqual([])
      expect(await folders()).toEqual(before)

      // Tenants that run stand on the one before; those before it go.
      await writeFile(join(source, 'odoo/http.py'), '')
      commit()
      const second = await installRuntime(options)
      expect(await listRuntimes(stateDir)).toEqual([second])
      expect(await checkRuntime(working)).toEqual([])
      const third = await installRuntime(options)
      expect(await checkRuntime(second)).toEqual([])
      expect(await folders()).toHaveLength(2)
      expect(third.path).not.toBe(second.path)
      expect(await removeRuntime(stateDir, '18')).toBe(true)
      expect(await folders()).toEqual([])
    },
    180_000,
  )

  test.skipIf(!present('git'))(
    'an installation comes from any repository (needs git)',
    async () => {
      commit()
      const options = { stateDir, major: '18', onLine } as const
      await expect(installRuntime({ ...options, from: source, ref: 'nothing' })).rejects.toThrow(
        /nothing/,
      )
      const installed = await installRuntime({ ...options, from: source }).catch(
        (error: Error) => error,
      )
      // Without the system's venv module this fails as a person would see it, naming what failed.
      if (installed instanceof Error) expect(installed.message).toMatch(/venv|ensurepip|pip/)
      else expect(await checkRuntime(installed)).toEqual([])
    },
    120_000,
  )
})

test('a subcommand is the first argument of odoo-bin', () => {
  const command = commandOf(
    {
      major: '18',
      version: '18.0',
      command: ['python3', '/odoo-bin'],
      standIn: false,
      bytecode: '/b',
    },
    'neutralize',
    ['--database=x'],
  )
  expect(command.args).toEqual(['/odoo-bin', 'neutralize', '--database=x'])
  expect(command.env).toMatchObject({ PYTHONPYCACHEPREFIX: '/b', ODOO_NOTIFY_CRON_CHANGES: '1' })
})

function hasVenv(): boolean {
  return succeeds('python3', ['-c', 'import venv, ensurepip'])
}

function present(program: string): boolean {
  return succeeds(program, ['--version'])
}

function succeeds(program: string, args: readonly string[]): boolean {
  try {
    execFileSync(program, [...args], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
