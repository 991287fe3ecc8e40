/** Where Pulse's answers are known to differ from those of a Kubernetes API server, and why that stays. */
export interface Difference {
  /** What a client sees. */
  readonly what: string
  readonly why: string
  /** The places in an answer that it touches, as the comparison names them. */
  readonly at: RegExp
  /** The calls in which it is seen, by story and title; `anywhere` for what follows from no call in particular. */
  readonly rows: readonly string[] | 'anywhere'
}
