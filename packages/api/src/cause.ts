/** One mistake in an object: the field and the rule it breaks (Kubernetes `StatusCause`). */
export interface Cause {
  /** Kubernetes' cause types, as in `metav1.CauseType`. */
  readonly reason:
    | 'FieldValueNotFound'
    | 'FieldValueRequired'
    | 'FieldValueDuplicate'
    | 'FieldValueInvalid'
    | 'FieldValueNotSupported'
    | 'FieldValueForbidden'
    | 'FieldManagerConflict'
    | 'NamespaceTerminating'
    | 'ResourceVersionTooLarge'
  /** Path of the field, `spec.subdomain` or `spec.aliases[0]`; empty for a mistake in none. */
  readonly field: string
  /** The rule in one sentence, for people. */
  readonly message: string
}

export function required(field: string, message = 'is required'): Cause {
  return { reason: 'FieldValueRequired', field, message }
}

export function invalid(field: string, message: string): Cause {
  return { reason: 'FieldValueInvalid', field, message }
}

export function forbidden(field: string, message: string): Cause {
  return { reason: 'FieldValueForbidden', field, message }
}

export function notFound(field: string, message: string): Cause {
  return { reason: 'FieldValueNotFound', field, message }
}

/** A name that somebody else has. It never says who: that would tell one tenant of another. */
export function taken(field: string): Cause {
  return { reason: 'FieldValueDuplicate', field, message: 'is already taken' }
}
