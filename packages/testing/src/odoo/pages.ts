import type { Major } from './majors.ts'
import { standInNotice } from './site.ts'
import type { User } from './users.ts'

/** Text made safe for a page; every value that a person typed goes through here. */
function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character)
}

interface LoginPage {
  readonly major: Major
  readonly companyName: string
  readonly csrfToken: string
  readonly login: string
  readonly redirect: string
  readonly error: string
}

export function loginPage(page: LoginPage): string {
  const error =
    page.error && `<p class="alert alert-danger" role="alert">${escapeHtml(page.error)}</p>`
  return frame(
    page.major,
    `Log in · ${page.companyName}`,
    `<img src="/web/binary/company_logo" alt="" height="64">
    <h1>${escapeHtml(page.companyName)}</h1>
    <form class="oe_login_form" method="post" action="/web/login">
      <input type="hidden" name="csrf_token" value="${escapeHtml(page.csrfToken)}">
      <input type="hidden" name="redirect" value="${escapeHtml(page.redirect)}">
      <label>Email <input id="login" name="login" autocomplete="username" required autofocus
        value="${escapeHtml(page.login)}"></label>
      <label>Password <input id="password" name="password" type="password"
        autocomplete="current-password" required></label>
      ${error}
      <button type="submit">Log in</button>
    </form>`,
  )
}

interface HomePage {
  readonly major: Major
  readonly user: User
  readonly database: string
  readonly partners: number
  readonly modules: number
}

export function homePage({ major, user, database, partners, modules }: HomePage): string {
  return frame(
    major,
    user.companyName,
    `<header class="o_main_navbar">
      <img src="/web/image/res.company/${user.companyId}/logo_web" alt="" height="48">
      <span class="o_company">${escapeHtml(user.companyName)}</span>
      <span class="o_user_menu">${escapeHtml(user.name)}</span>
      <a href="/web/session/logout">Log out</a>
    </header>
    <dl>
      <dt>Company</dt><dd>${escapeHtml(user.companyName)}</dd>
      <dt>User</dt><dd>${escapeHtml(user.login)}</dd>
      <dt>Database</dt><dd>${escapeHtml(database)}</dd>
      <dt>Installed modules</dt><dd>${modules}</dd>
      <dt>Contacts</dt><dd>${partners}</dd>
    </dl>`,
  )
}

export function selectorPage(major: Major, databases: readonly string[] | undefined): string {
  const items = databases?.map((name) => {
    const href = `/web?db=${encodeURIComponent(name)}`
    return `<li><a href="${href}">${escapeHtml(name)}</a></li>`
  })
  const body = items
    ? `<h1>Databases</h1><ul>${items.join('')}</ul>`
    : '<h1>Databases</h1><p>The database manager has been disabled by the administrator.</p>'
  return frame(major, 'Databases', body)
}

function frame(major: Major, title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="generator" content="Pulse stand-in for Odoo ${major.number}">
  <title>${escapeHtml(title)}</title>
  <link rel="stylesheet" href="/web/static/stand-in.css">
</head>
<body>
  <aside class="o_stand_in" role="note">${escapeHtml(standInNotice(major))}</aside>
  <main>
    ${body}
  </main>
</body>
</html>
`
}
