import Schema from 'typebox/schema'
import { type Cause, invalid } from './cause.ts'
import type { KubeObject } from './object.ts'
import { planaClientSettings } from './plana-client.ts'
import { textAt } from './record.ts'

type Coded = 'timezone' | 'currency' | 'country'

/**
 * That zone, currency and country exist, by the tables that every JavaScript engine has. What is not even written as
 * one is told by the schema, and once is enough.
 */
export function settingsCauses(object: KubeObject): readonly Cause[] {
  return [
    check(object, 'timezone', isTimeZone, 'must be a known IANA time zone'),
    check(object, 'currency', isCurrency, 'must be a known ISO 4217 currency'),
    check(object, 'country', isCountry, 'must be a known ISO 3166 country'),
  ].flat()
}

function check(
  object: KubeObject,
  name: Coded,
  isKnown: (value: string) => boolean,
  message: string,
): readonly Cause[] {
  const field = `spec.settings.${name}`
  const value = textAt(object, field)
  if (value === undefined || !Schema.Check(planaClientSettings.properties[name], value)) return []
  return isKnown(value) ? [] : [invalid(field, message)]
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

function isCurrency(code: string): boolean {
  return Intl.supportedValuesOf('currency').includes(code)
}

function isCountry(code: string): boolean {
  return new Intl.DisplayNames('en', { type: 'region', fallback: 'none' }).of(code) !== undefined
}
