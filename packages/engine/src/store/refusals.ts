import { type Cause, type KindDefinition, StatusError } from '@pulse/api'

/** The refusals of the resource API, worded as Kubernetes words them, since clients and people read them. */
export function notFound(definition: KindDefinition, name: string): StatusError {
  return new StatusError('NotFound', `${resourceOf(definition)} "${name}" not found`, {
    ...subject(definition, name),
  })
}

export function alreadyExists(definition: KindDefinition, name: string): StatusError {
  return new StatusError('AlreadyExists', `${resourceOf(definition)} "${name}" already exists`, {
    ...subject(definition, name),
  })
}

export function conflict(definition: KindDefinition, name: string, why: string): StatusError {
  return new StatusError(
    'Conflict',
    `Operation cannot be fulfilled on ${resourceOf(definition)} "${name}": ${why}`,
    subject(definition, name),
  )
}

export const staleVersion =
  'the object has been modified; please apply your changes to the latest version and try again'

/** All mistakes at once, one cause each. */
export function invalid(
  definition: KindDefinition,
  name: string,
  causes: readonly Cause[],
): StatusError {
  const { group, kind } = definition
  const rules = causes.map(({ field, message }) => `${field}: ${message}`)
  const text = rules.length === 1 ? rules.join() : `[${rules.join(', ')}]`
  return new StatusError(
    'Invalid',
    `${kind}${group === '' ? '' : `.${group}`} "${name}" is invalid: ${text}`,
    { name, group, kind, causes },
  )
}

export function badRequest(message: string): StatusError {
  return new StatusError('BadRequest', message)
}

/** The log no longer reaches that far back (or never did): the client has to list again. */
export function expired(): StatusError {
  return new StatusError('Expired', 'too old resource version: list again')
}

function resourceOf({ group, plural }: KindDefinition): string {
  return group === '' ? plural : `${plural}.${group}`
}

function subject({ group, plural }: KindDefinition, name: string) {
  return { name, group, kind: plural }
}
