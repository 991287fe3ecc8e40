import { mustImport, versionOf } from './add-runtime.ts'
import type { Runtime } from './runtime.ts'

/** What is wrong with a registered runtime; nothing when it can serve. */
export async function checkRuntime(
  runtime: Runtime,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  if (runtime.standIn || runtime.path === undefined) return []
  try {
    const version = await versionOf(runtime.path)
    if (version !== runtime.version) {
      return [
        `${runtime.path} is Odoo ${version} now, registered was ${runtime.version}: pulse runtime add again`,
      ]
    }
    await mustImport(runtime, signal)
    return []
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}
