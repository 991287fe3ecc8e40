import { isRecord, recordOf, type UnknownRecord } from '@pulse/api'

/** Reads untyped JSON at the edge: a value of the wrong type counts as absent, as the schema has already judged it. */
export type Fields = UnknownRecord

export function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

/** Numbers become text: YAML authors write `cpu: 1`. */
export function textMapOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(recordOf(value)).flatMap(([key, item]) =>
      typeof item === 'string' || typeof item === 'number' ? [[key, String(item)]] : [],
    ),
  )
}
