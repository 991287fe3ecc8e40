import type { OdooMajor } from '@pulse/api'

/** What differs between the majors, in one table: nothing else in Pulse asks for a version. */
export interface Differences {
  /** Rounds of pbkdf2-sha512 that this major asks for; fewer would be hashed again at the first login. */
  readonly passwordRounds: number
  /** Flags that keep demo data out of an installation. */
  readonly withoutDemo: readonly string[]
  /** Tables with traces of people that no copy may inherit; those missing are passed over. */
  readonly tracesOfPeople: readonly string[]
}

const traces = [
  'bus_bus',
  'bus_presence',
  'mail_presence',
  'res_users_log',
  'res_device_log',
  'auth_totp_device',
  'res_users_apikeys',
  'mail_push_device',
  'mail_partner_device',
  'discuss_channel_rtc_session',
]

export const differences: Readonly<Record<OdooMajor, Differences>> = {
  '17': {
    passwordRounds: 600_000,
    withoutDemo: ['--without-demo=all'],
    tracesOfPeople: traces,
  },
  '18': {
    passwordRounds: 600_000,
    withoutDemo: ['--without-demo=all'],
    tracesOfPeople: traces,
  },
  '19': {
    passwordRounds: 600_000,
    withoutDemo: ['--without-demo'],
    tracesOfPeople: traces,
  },
}
