import { type Cause, invalid } from './cause.ts'
import type { KubeObject } from './object.ts'
import { textAt } from './record.ts'

/** That zone, currency and country exist, by the tables that every JavaScript engine has. */
export function settingsCauses(object: KubeObject): readonly Cause[] {
  return [
    check(object, 'spec.settings.timezone', isTimeZone, 'must be a known IANA time zone'),
    check(object, 'spec.settings.currency', isCurrency, 'must be a known ISO 4217 currency'),
    check(object, 'spec.settings.country', isCountry, 'must be a known ISO 3166 country'),
  ].flat()
}

function check(
  object: KubeObject,
  field: string,
  isKnown: (value: string) => boolean,
  message: string,
): readonly Cause[] {
  const value = textAt(object, field)
  return value === undefined || isKnown(value) ? [] : [invalid(field, message)]
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
  if (!/^[A-Z]{2}$/.test(code)) return false
  return new Intl.DisplayNames('en', { type: 'region', fallback: 'none' }).of(code) !== undefined
}
