import type { OptionRow } from './option-table.ts'

/** A mistake on the command line: Odoo prints the usage and this message, and exits 2. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** Reads arguments as Python's optparse does: `--x=v`, `--x v`, `-xv`, `-x v` and unambiguous beginnings. */
export function parseCommandLine(
  args: readonly string[],
  table: readonly OptionRow[],
): Map<string, string> {
  const values = new Map<string, string>()
  const surplus: string[] = []
  const rest = [...args]

  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    if (argument === '--') {
      surplus.push(...rest.splice(0))
      break
    }
    if (!argument.startsWith('-') || argument === '-') {
      surplus.push(argument)
      continue
    }

    const { name, row, attached } = split(argument, table)
    if (row.kind === 'on' || row.kind === 'off') {
      if (attached !== undefined) throw new UsageError(`${name} option does not take a value`)
      values.set(row.key, row.kind === 'on' ? 'True' : 'False')
      continue
    }

    const value = attached ?? rest.shift()
    if (value === undefined) throw new UsageError(`${name} option requires 1 argument`)
    if (row.kind === 'number' && !/^-?\d+$/.test(value)) {
      throw new UsageError(`option ${name}: invalid integer value: '${value}'`)
    }
    values.set(row.key, value)
  }

  if (surplus.length > 0) throw new UsageError(`unrecognized parameters: '${surplus.join(' ')}'`)
  return values
}

function split(argument: string, table: readonly OptionRow[]) {
  if (argument.startsWith('--')) {
    const equals = argument.indexOf('=')
    const given = equals === -1 ? argument : argument.slice(0, equals)
    const { name, row } = longOption(given, table)
    return { name, row, attached: equals === -1 ? undefined : argument.slice(equals + 1) }
  }

  const name = argument.slice(0, 2)
  const row = table.find(({ names }) => names.includes(name))
  if (!row) throw new UsageError(`no such option: ${name}`)
  return { name, row, attached: argument.length > 2 ? argument.slice(2) : undefined }
}

function longOption(given: string, table: readonly OptionRow[]) {
  const known = table.flatMap((row) => row.names.map((name) => ({ name, row })))
  const exact = known.find(({ name }) => name === given)
  if (exact) return exact

  const candidates = known.filter(({ name }) => name.startsWith(given))
  const [only] = candidates
  if (!only) throw new UsageError(`no such option: ${given}`)
  if (candidates.length > 1) {
    const names = candidates.map(({ name }) => name).sort()
    throw new UsageError(`ambiguous option: ${given} (${names.join(', ')}?)`)
  }
  return only
}
