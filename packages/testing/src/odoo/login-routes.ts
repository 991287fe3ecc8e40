import { html, redirect, refusal } from './answer.ts'
import type { Exchange } from './exchange.ts'
import { readForm } from './forms.ts'
import { csrfToken, isCsrfToken, logIn, logOut } from './login.ts'
import { homePage, loginPage } from './pages.ts'
import type { Registry } from './registries.ts'
import { createRemembered } from './remembered.ts'
import type { Route, Visit } from './route.ts'
import { isLoggedIn, userOf } from './users.ts'

export const loginRoutes: readonly Route[] = [
  { path: '/', auth: 'none', answer: ({ site }) => redirect(site.major.home) },
  { path: '/web/login', auth: 'database', answer: answerLogin },
  { path: '/web/session/logout', auth: 'none', answer: answerLogout },
  { path: '/web', auth: 'database', answer: answerHome },
  { path: '/odoo', auth: 'database', answer: answerHome },
  { path: '/odoo/*', auth: 'database', answer: answerHome },
]

/** The login page that leads back to where the visitor wanted to go. */
export function loginPath(exchange: Exchange): string {
  const query = exchange.query.size > 0 ? `?${exchange.query}` : '?'
  return `/web/login?${new URLSearchParams({ redirect: `${exchange.path}${query}` })}`
}

async function answerLogin(visit: Visit) {
  const { exchange, session } = visit
  const registry = mustHaveRegistry(visit)
  if (exchange.method !== 'POST') {
    const target = exchange.query.get('redirect')
    if (target && session.content.uid !== undefined) return redirect(localPath(target))
    return showLogin(visit, registry, { login: '', redirect: target ?? '', error: '' })
  }

  const form = await readForm(exchange)
  if (!(await isCsrfToken(registry, session, form.get('csrf_token') ?? ''))) {
    return refusal(400, 'Session expired (invalid CSRF token)')
  }
  const login = form.get('login') ?? ''
  const target = form.get('redirect') ?? ''
  const user = await logIn(visit, registry, login, form.get('password') ?? '')
  if (!user) {
    return showLogin(visit, registry, { login, redirect: target, error: 'Wrong login/password' })
  }
  return redirect(localPath(target || visit.site.major.home))
}

async function showLogin(
  { site, session }: Visit,
  registry: Registry,
  form: { login: string; redirect: string; error: string },
) {
  await site.burn.for(site.major.pageMs)
  const page = loginPage({
    major: site.major,
    companyName: await companyName(registry),
    csrfToken: await csrfToken(registry, session),
    ...form,
  })
  return html(page, 200, [
    ['Cache-Control', 'no-cache'],
    ['X-Frame-Options', 'SAMEORIGIN'],
    ['Content-Security-Policy', "frame-ancestors 'self'"],
  ])
}

function answerLogout({ exchange, session, site }: Visit) {
  logOut(session)
  return redirect(localPath(exchange.query.get('redirect') ?? site.major.home))
}

async function answerHome(visit: Visit) {
  const { exchange, session, site } = visit
  const registry = mustHaveRegistry(visit)
  const { uid } = session.content
  if (uid === undefined || !(await isLoggedIn(registry, session)))
    return redirect(loginPath(exchange))
  const user = await userOf(registry, uid)
  if (!user) return redirect(loginPath(exchange))

  session.dirty = true
  await site.burn.for(site.major.pageMs)
  const [counts] = await registry.query(
    `SELECT (SELECT count(*) FROM res_partner WHERE active) AS partners,
            (SELECT count(*) FROM ir_module_module WHERE state = 'installed') AS modules`,
  )
  const page = homePage({
    major: site.major,
    user,
    database: registry.database,
    partners: Number(counts?.partners),
    modules: Number(counts?.modules),
  })
  return html(page, 200, [['X-Frame-Options', 'DENY']])
}

const companyNames = createRemembered<string>()

/** The name under which the login page greets: cached, and therefore as stale as Odoo's would be. */
function companyName(registry: Registry): Promise<string> {
  return companyNames(registry, 'first', async () => {
    const [row] = await registry.query('SELECT name FROM res_company ORDER BY id LIMIT 1')
    return String(row?.name ?? '')
  })
}

/** Never leads to another site, whatever the form says. */
function localPath(target: string): string {
  const url = URL.parse(target, 'http://localhost')
  return url ? `/${`${url.pathname}${url.search}${url.hash}`.replace(/^[/\\]+/, '')}` : '/'
}

export function mustHaveRegistry({ registry }: Visit): Registry {
  if (!registry) throw new Error('a route that needs a database was reached without one')
  return registry
}
