import type { IncomingHttpHeaders } from 'node:http'
import { badRequest } from '../store/refusals.ts'

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore'

/** Whether a flag is set, as Kubernetes reads booleans in a query: everything says yes but `false` and `0`. */
export function isSet(query: URLSearchParams, name: string): boolean {
  const value = query.get(name)
  return value !== null && value !== '0' && value.toLowerCase() !== 'false'
}

/** A number that is 0 or more; absent when it is not given. */
export function countOf(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name)
  if (value === null || value === '') return undefined
  if (!/^\d{1,15}$/.test(value)) {
    throw badRequest(`${name}: Invalid value: ${JSON.stringify(value)}: must be a whole number`)
  }
  return Number(value)
}

/** One of the given words; the first is what is meant when nothing is said. */
export function oneOf<const Word extends string>(
  query: URLSearchParams,
  name: string,
  words: readonly [Word, ...Word[]],
): Word {
  const value = query.get(name) || words[0]
  const word = words.find((known) => known === value)
  if (word === undefined) {
    throw badRequest(
      `${name}: Unsupported value: "${value}": supported values: ${words.join(', ')}`,
    )
  }
  return word
}

export function dryRunOf(query: URLSearchParams): boolean {
  const values = query.getAll('dryRun')
  if (values.some((value) => value !== 'All')) {
    throw badRequest('dryRun: Unsupported value: supported values: "All"')
  }
  return values.length > 0
}

export function fieldValidationOf(query: URLSearchParams): FieldValidation {
  return oneOf(query, 'fieldValidation', ['Warn', 'Strict', 'Ignore'])
}

const maxManagerLength = 128

/** Who owns what is written: as said, else the first word of the user agent, as Kubernetes takes it. */
export function fieldManagerOf(query: URLSearchParams, headers: IncomingHttpHeaders): string {
  const said = query.get('fieldManager') ?? ''
  if (said.length > maxManagerLength || /\p{C}/u.test(said)) {
    throw badRequest(`fieldManager: must be at most ${maxManagerLength} printable characters`)
  }
  const agent = headers['user-agent']?.split('/')[0]?.slice(0, maxManagerLength)
  return said || agent || 'unknown'
}
