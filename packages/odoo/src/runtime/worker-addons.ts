import { chmod, cp, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runProgram } from '../program.ts'
import type { Runtime } from './runtime.ts'

/** Of our own add-ons, what stands in front of every server. */
const serverWide = ['plana_gateway'] as const
const compileLimitMs = 60_000

/**
 * Puts our server-wide add-ons where every tenant's user can read them, and replaces what lay there: a checkout may be
 * under a private home.
 */
export async function placeWorkerAddons(folder: string, source: string): Promise<void> {
  const draft = `${folder}.draft`
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { recursive: true, mode: 0o755 })
  for (const name of serverWide) {
    await cp(join(source, name), join(draft, name), {
      recursive: true,
      filter: (path) => !path.endsWith('__pycache__'),
    })
  }
  await rm(folder, { recursive: true, force: true })
  await rename(draft, folder)
  // Whatever the umask.
  await runProgram('chmod', ['-R', 'u=rwX,go=rX', folder], { timeoutMs: compileLimitMs })
}

/** Compiles them for a runtime: a worker writes no bytecode, and would do this work at each start. */
export async function compileWorkerAddons(folder: string, runtime: Runtime): Promise<void> {
  if (runtime.standIn) return
  const [python] = runtime.command
  await runProgram(python, ['-m', 'compileall', '-q', folder], {
    timeoutMs: compileLimitMs,
    env: {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      ...(runtime.bytecode !== undefined && { PYTHONPYCACHEPREFIX: runtime.bytecode }),
    },
  })
}

/** The program by which a pod seals its own server before it ends; `PULSE_PYTHON` is the runtime's interpreter. */
export async function placeSeal(programs: string, addons: string): Promise<void> {
  const path = join(programs, 'pulse-seal')
  const module = join(addons, 'plana_gateway', 'seal.py')
  const script = `#!/bin/sh\nexec "\${PULSE_PYTHON:-python3}" -S -E '${module.replaceAll("'", `'\\''`)}' "$@"\n`
  await mkdir(programs, { recursive: true })
  await writeFile(`${path}.next`, script)
  await chmod(`${path}.next`, 0o755)
  await rename(`${path}.next`, path)
}
