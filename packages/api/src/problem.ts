/** One entry of the catalogue (RFC 9457): what can go wrong for a caller. */
export interface ProblemType {
  /** Last path segment of the type URI, kebab-case. */
  readonly slug: string
  readonly status: number
  readonly title: string
  /** What the caller can do about it. */
  readonly remedy: string
  /** Whether the same request may succeed later. */
  readonly retryable: boolean
}

/** An expected error for the caller. Extension members carry facts, never secrets. */
export class Problem extends Error {
  readonly type: ProblemType
  readonly extensions: Readonly<Record<string, unknown>>

  constructor(
    type: ProblemType,
    detail: string,
    options: { cause?: unknown; extensions?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'Problem'
    this.type = type
    this.extensions = options.extensions ?? {}
  }
}
