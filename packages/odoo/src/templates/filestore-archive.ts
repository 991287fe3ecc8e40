import { chmod, chown, mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Connection } from '../database/administration.ts'
import { FinalError, failureOf } from '../final-error.ts'
import { isRefusal, missingCode, ProgramError, runProgram } from '../program.ts'

const unpackLimitMs = 30 * 60_000

/** Puts the files of an archive (tar, compressed or not) or of a folder below `target`. */
export async function unpackFilestore(
  source: string,
  target: string,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(target, { recursive: true, mode: 0o700 })
  const found = await stat(source).catch((cause: unknown) => {
    throw new FinalError(`cannot read the filestore ${source}: ${reasonOf(cause)}`, { cause })
  })
  const isFolder = found.isDirectory()
  const [file, args] = isFolder
    ? ['cp', ['-R', '--no-dereference', `${source}/.`, target]]
    : ['tar', ['-xf', source, '-C', target, '--no-same-owner', '--no-same-permissions']]
  await runProgram(file, args, { timeoutMs: unpackLimitMs, signal }).catch((cause: unknown) => {
    throw failureOf(`cannot unpack the filestore ${source}: ${reasonOf(cause)}`, {
      cause,
      isFinal: isRefusal(cause),
    })
  })
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

/** The archive of Odoo's database manager: `dump.sql`, `filestore/`, `manifest.json`. */
export async function unpackManagerArchive(
  archive: string,
  target: string,
  signal: AbortSignal,
): Promise<{ readonly dump: string; readonly filestore: string }> {
  await mkdir(target, { recursive: true, mode: 0o700 })
  await runProgram('python3', ['-m', 'zipfile', '-e', archive, target], {
    timeoutMs: unpackLimitMs,
    signal,
  }).catch((cause: unknown) => {
    const isMissing = cause instanceof ProgramError && cause.exitCode === missingCode
    const reason = isMissing
      ? "python3 is needed for archives of Odoo's database manager (apt-get install -y python3)"
      : reasonOf(cause)
    throw failureOf(`cannot unpack ${archive}: ${reason}`, { cause, isFinal: isRefusal(cause) })
  })
  const dump = join(target, 'dump.sql')
  await stat(dump).catch((cause: unknown) => {
    throw new FinalError(
      `${archive} is no archive of Odoo's database manager: it has no dump.sql`,
      { cause },
    )
  })
  await mkdir(join(target, 'filestore'), { recursive: true })
  return { dump, filestore: join(target, 'filestore') }
}

const folderName = /^[0-9a-f]{2}$/
const fileName = /^[0-9a-f]{40}$/

/**
 * Moves content-addressed files into a template's filestore and nothing else: links, devices and other names stay
 * behind. Files that are there already are the same by their name. They become read-only, since tenants share them.
 */
export async function adoptFiles(source: string, target: string): Promise<number> {
  await mkdir(target, { recursive: true, mode: 0o711 })
  let files = 0
  for (const folder of await plainEntries(source, 'folder', folderName)) {
    await mkdir(join(target, folder), { recursive: true, mode: 0o711 })
    for (const name of await plainEntries(join(source, folder), 'file', fileName)) {
      const from = join(source, folder, name)
      if (process.getuid?.() === 0) await chown(from, 0, 0)
      await chmod(from, 0o444)
      await rename(from, join(target, folder, name))
      files += 1
    }
  }
  await rm(source, { recursive: true, force: true })
  return files
}

async function plainEntries(
  folder: string,
  kind: 'file' | 'folder',
  pattern: RegExp,
): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries
    .filter((entry) => (kind === 'file' ? entry.isFile() : entry.isDirectory()))
    .map(({ name }) => name)
    .filter((name) => pattern.test(name))
}

/** Attachments whose file is not there. Generated bundles are forgotten (Odoo makes them again), others counted. */
export async function settleAttachments(connection: Connection, folder: string): Promise<number> {
  const rows = await connection.query(
    "SELECT id, store_fname, url LIKE '/web/assets/%' AS generated FROM ir_attachment WHERE store_fname IS NOT NULL",
  )
  const missing: { id: number; generated: boolean }[] = []
  for (const { id, store_fname, generated } of rows) {
    const there = /^[0-9a-f]{2}\/[0-9a-f]{40}$/.test(String(store_fname))
      ? await stat(join(folder, String(store_fname))).then(
          () => true,
          () => false,
        )
      : false
    if (!there) missing.push({ id: Number(id), generated: generated === true })
  }
  const generated = missing.filter((file) => file.generated).map(({ id }) => id)
  await connection.query('DELETE FROM ir_attachment WHERE id = ANY($1::int[])', [generated])
  return missing.length - generated.length
}
