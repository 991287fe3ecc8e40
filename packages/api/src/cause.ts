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
  /** Path of the field, `spec.subdomain` or `spec.aliases[0]`. */
  readonly field: string
  /** The rule in one sentence, for people. */
  readonly message: string
}
