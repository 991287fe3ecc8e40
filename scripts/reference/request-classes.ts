import { type Asleep, knownAgents, requestClasses } from '@pulse/gateway'
import { type GeneratedFile, generatedNote, table } from './generated-file.ts'

/** What the gateway does with each kind of request. */
export function requestClassesReference(): readonly GeneratedFile[] {
  const rows = requestClasses.map(({ name, which, wakes, activity, asleep, reason }) => [
    `\`${name}\``,
    which,
    wakes ? (asleep.kind === 'cache' ? 'if no copy is kept' : 'yes') : 'no',
    activity ? 'yes' : 'no',
    asleepText(asleep),
    reason,
  ])
  const text = `${generatedNote}# Request classes

A request is of the first class in this table that applies. A sleeping environment is woken only by classes that wake;
an awake one falls asleep when nothing that counts as activity has ended for its idle timeout. GET and HEAD get a kept
copy first, whatever their class.

Wakes are limited: per tenant by its plan, per address of a client, and in all; those for schedules count too. Beyond a
limit nobody is refused who carries a session or a login, and no schedule is: the tenant then stays awake longer instead,
by as long as others would have to wait. Anybody else gets what the table calls held as 503 with Retry-After, or 429
where it is the limit of its own address.

A refusal is worded for who reads it: a page for people, a problem (RFC 9457) for programs, a fault for those that speak
XML-RPC, and plain text for scripts of a page, since Odoo's web client takes any JSON without \`error\` for a success.

${table(['Class', 'Requests', 'Wakes', 'Activity', 'While asleep', 'Because'], rows)}
## Known visitors

Recognised by a part of their User-Agent, on GET and HEAD only. Further monitors are declared by the operator, by a part
of their User-Agent or by address.

${table(['Part of the User-Agent', 'Class', 'Sent by'], agentRows())}`
  return [{ path: 'docs/reference/request-classes.md', text }]
}

function asleepText(asleep: Asleep): string {
  switch (asleep.kind) {
    case 'hold':
      return 'held'
    case 'page':
      return 'held for 2 s if the wake is expected within them, else or then the waiting page'
    case 'park':
      return 'the connection is kept by the gateway'
    case 'poll':
      return 'kept without waking: Odoo answers if it wakes in the next 50 s, else `result: []` does'
    case 'cache':
      return 'the kept copy, else held'
    case 'answer':
      return answers[asleep.answer]
  }
}

const answers = {
  health: 'answered: `{"status": "pass"}`',
  alive: 'answered: 200, or 503 if it could not be woken',
  later: 'answered: 503 with Retry-After',
  copy: 'answered: the copy that Odoo gave last, else 503 with Retry-After',
}

function agentRows(): readonly (readonly string[])[] {
  return knownAgents.map(({ token, kind, by }) => [`\`${token}\``, `\`${kind}\``, by])
}
