import { type Insert, nameRecord, translated } from './base-records.ts'
import type { Major } from './majors.ts'
import { hashPassword } from './password-hash.ts'

/** Currencies, countries, languages, the company and its users: who and where one is in a fresh database. */
export async function fillPeople(insert: Insert, major: Major): Promise<void> {
  const eur = await insert('res_currency', {
    name: 'EUR',
    symbol: '€',
    full_name: 'Euro',
    rounding: 0.01,
    decimal_places: 2,
    position: 'after',
    active: true,
  })
  const bgn = await insert('res_currency', {
    name: 'BGN',
    symbol: 'лв',
    full_name: 'Bulgarian lev',
    rounding: 0.01,
    decimal_places: 2,
    position: 'after',
    active: false,
  })
  await insert('res_currency', {
    name: 'USD',
    symbol: '$',
    full_name: 'United States dollar',
    rounding: 0.01,
    decimal_places: 2,
    position: 'before',
    active: true,
  })
  await insert('res_country', {
    name: translated('Bulgaria'),
    code: 'BG',
    currency_id: bgn,
    phone_code: 359,
  })
  await insert('res_country', {
    name: translated('Germany'),
    code: 'DE',
    currency_id: eur,
    phone_code: 49,
  })
  for (const [code, name, active] of [
    ['en_US', 'English (US)', true],
    ['bg_BG', 'Bulgarian / български език', false],
  ] as const) {
    await insert('res_lang', {
      code,
      name,
      iso_code: code.slice(0, 2),
      url_code: code.slice(0, 2),
      direction: 'ltr',
      date_format: '%d.%m.%Y',
      time_format: '%H:%M:%S',
      week_start: '1',
      grouping: '[3,0]',
      decimal_point: '.',
      thousands_sep: ',',
      active,
    })
  }

  const partner = (name: string, active: boolean, more: Record<string, unknown> = {}) =>
    insert('res_partner', {
      name,
      active,
      lang: 'en_US',
      type: 'contact',
      is_company: false,
      partner_share: false,
      ...more,
    })
  const own = await partner('My Company', true, { is_company: true })
  const company = await insert('res_company', {
    name: 'My Company',
    partner_id: own,
    currency_id: eur,
    sequence: 0,
    parent_path: '1/',
    layout_background: 'Blank',
    uses_default_logo: true,
    active: true,
  })

  const user = async (login: string, name: string, active: boolean, password?: string) => {
    const partnerId = await partner(
      name,
      active,
      login === 'admin' ? { email: 'admin@example.com' } : {},
    )
    return insert('res_users', {
      login,
      password,
      partner_id: partnerId,
      company_id: company,
      active,
      share: login !== 'admin' && login !== '__system__',
    })
  }
  await user('__system__', 'System', false)
  const admin = await user('admin', 'Administrator', true, await hashPassword('admin'))
  if (major.number < 19) await user('default', 'Default User Template', false)
  const anonymous = await user('public', 'Public user', false)
  const portal = await user('portaltemplate', 'Portal User Template', false)
  await nameRecord(insert, 'user_admin', 'res.users', admin)
  await nameRecord(insert, 'public_user', 'res.users', anonymous)
  await nameRecord(insert, 'main_company', 'res.company', company)
  await nameRecord(insert, 'main_partner', 'res.partner', own)
  await insert('ir_config_parameter', {
    key: 'base.template_portal_user_id',
    value: String(portal),
  })

  for (const [name, label] of [
    ['group_system', 'Settings'],
    ['group_user', 'Internal User'],
  ] as const) {
    const group = await insert('res_groups', { name: translated(label), share: false })
    await nameRecord(insert, name, 'res.groups', group)
    await insert('res_groups_users_rel', { gid: group, uid: admin })
  }
  await insert('res_company_users_rel', { cid: company, user_id: admin })
}
