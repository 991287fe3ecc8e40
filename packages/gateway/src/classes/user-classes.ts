import { hold, type RequestClassRow } from './request-class.ts'

/** What people and their programs do. */
export const userClasses: readonly RequestClassRow[] = [
  {
    name: 'json-2',
    which: '`/json/…`',
    when: ({ path }) => path.startsWith('/json/'),
    wakes: true,
    activity: true,
    asleep: hold,
    wording: 'problem',
    reason: 'A program that works for a user.',
  },
  {
    name: 'xml-rpc',
    which: '`/xmlrpc/2/{common,object}` and their older twins',
    when: ({ path }) => path.startsWith('/xmlrpc/'),
    wakes: true,
    activity: true,
    asleep: hold,
    wording: 'fault',
    loginInBody: true,
    reason: 'A program that works for a user; its login stands in the body.',
  },
  {
    name: 'api-login',
    which: '`/web/session/authenticate`',
    when: ({ path }) => path === '/web/session/authenticate',
    wakes: true,
    activity: true,
    asleep: hold,
    wording: 'text',
    loginInBody: true,
    reason: 'A program that begins to work for a user; its login stands in the body.',
  },
  {
    name: 'form-post',
    which: 'forms and uploads: form content types, other than GET and HEAD',
    when: ({ submitsForm }) => submitsForm,
    wakes: true,
    activity: true,
    asleep: hold,
    wording: 'page',
    reason:
      'What was typed stands in its body alone. It never gets a waiting page, and never runs twice.',
  },
  {
    name: 'xhr',
    which:
      'requests of scripts: Fetch Metadata `cors` or `same-origin`, `X-Requested-With`, JSON bodies',
    when: ({ isScripted }) => isScripted,
    wakes: true,
    activity: true,
    asleep: hold,
    wording: 'text',
    reason:
      'The page waits for it and could not show another page. A session cookie is a hint; Odoo decides.',
  },
  {
    name: 'download',
    which: 'navigations to `/web/content`, `/web/image`, `/web/export`, `/report/…`',
    when: ({ path, method, navigates }) =>
      method === 'GET' && navigates && /^\/(web\/(content|image|export)|report)(\/|$)/.test(path),
    wakes: true,
    activity: true,
    asleep: hold,
    wording: 'page',
    reason: 'A file takes the place of no page: a waiting page would stay for ever beside it.',
  },
  {
    name: 'page',
    which: 'GET of a document: Fetch Metadata `navigate`, else `Accept: text/html`',
    when: ({ method, navigates }) => method === 'GET' && navigates,
    wakes: true,
    activity: true,
    asleep: { kind: 'page' },
    wording: 'page',
    reason:
      'A person looks at it. Under two seconds an empty tab is less to notice than a page that changes.',
  },
  {
    name: 'subresource',
    which: 'pictures, styles, scripts, fonts, sounds within a page or a mail',
    when: ({ reads, isEmbedded }) => reads && isEmbedded,
    wakes: true,
    activity: false,
    asleep: hold,
    wording: 'text',
    reason:
      'A picture in a mail may count who has read it, so none is lost; but it keeps nothing awake.',
  },
  {
    name: 'head',
    which: 'HEAD of anything else',
    when: ({ method }) => method === 'HEAD',
    wakes: true,
    activity: false,
    asleep: hold,
    wording: 'text',
    reason:
      'Often a monitor that nobody has declared: it learns the truth, within the wake limits, but keeps nothing awake.',
  },
]
