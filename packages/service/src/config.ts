import { readFileSync } from 'node:fs'
import { IsArray, IsLiteral, IsUnion, type Static, type TSchema } from 'typebox'
import { Value } from 'typebox/value'

/** One setting: its environment variable, type, bounds and what it means. */
export interface Setting<Schema extends TSchema = TSchema> {
  /** `PLANA_<AREA>_<NAME>_<UNIT>`. */
  readonly env: string
  readonly schema: Schema
  readonly description: string
  /** Absent means required; a function is told in the reference by `defaultText`. */
  readonly default?: Static<Schema> | (() => Static<Schema>)
  readonly defaultText?: string
  /** Secrets may also come as `{env}_FILE`, and are never shown. */
  readonly secret?: boolean
}

export type Settings = Readonly<Record<string, Setting>>
export type Config<S extends Settings> = { readonly [Name in keyof S]: Static<S[Name]['schema']> }

/** All that is wrong with a configuration, one line each. */
export class ConfigError extends Error {
  readonly mistakes: readonly string[]

  constructor(mistakes: readonly string[]) {
    const count = mistakes.length === 1 ? '1 setting is' : `${mistakes.length} settings are`
    super(`${count} wrong\n  ${mistakes.join('\n  ')}`)
    this.name = 'ConfigError'
    this.mistakes = mistakes
  }
}

/** Keeps the literal types of the settings. */
export function defineSettings<S extends Settings>(settings: S): S {
  return settings
}

export type Environment = Readonly<Record<string, string | undefined>>

/** Reads every setting once. Throws one `ConfigError` that names all mistakes. */
export function parseConfig<S extends Settings>(settings: S, environment: Environment): Config<S> {
  const mistakes: string[] = []
  const entries = Object.entries(settings).map(([name, setting]) => {
    const result = readSetting(setting, environment)
    if ('mistake' in result) mistakes.push(`${setting.env}: ${result.mistake}`)
    return [name, 'value' in result ? result.value : undefined]
  })
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return Object.fromEntries(entries)
}

/** The configuration as it may be logged: secrets are shown only as set or not. */
export function redactConfig<S extends Settings>(settings: S, config: Config<S>) {
  return Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => [
      setting.env,
      setting.secret ? (config[name] === undefined ? 'unset' : 'set') : config[name],
    ]),
  )
}

type Read = { readonly value: unknown } | { readonly mistake: string }

function readSetting(setting: Setting, environment: Environment): Read {
  const text = environment[setting.env] ?? readSecretFile(setting, environment)
  if (typeof text === 'object') return text
  if (text === undefined || text === '') {
    if (!('default' in setting)) return { mistake: 'is required' }
    return {
      value: typeof setting.default === 'function' ? setting.default() : setting.default,
    }
  }
  const given = IsArray(setting.schema) ? listOf(text) : text
  const value = Value.Convert(setting.schema, given)
  const [error] = Value.Errors(setting.schema, value)
  // The text itself stays out of the message: it may be a secret.
  if (error) {
    const rule = choiceRule(setting.schema) ?? error.message
    return { mistake: `${rule} (${setting.description})` }
  }
  return { value }
}

/** The choices, where there is a choice of words and nothing else. */
function choiceRule(schema: TSchema): string | undefined {
  if (!IsUnion(schema)) return undefined
  const words = schema.anyOf.filter(IsLiteral).map((choice) => JSON.stringify(choice.const))
  return words.length < schema.anyOf.length ? undefined : `must be one of ${words.join(', ')}`
}

/** A list is written with commas; spaces around its items mean nothing. */
function listOf(text: string): readonly string[] {
  return text.split(',').map((item) => item.trim())
}

function readSecretFile(setting: Setting, environment: Environment) {
  const file = setting.secret ? environment[`${setting.env}_FILE`] : undefined
  if (file === undefined) return undefined
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    return { mistake: `cannot read ${setting.env}_FILE: ${codeOf(error)}` }
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}
