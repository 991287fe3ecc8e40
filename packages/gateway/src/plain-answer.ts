/** A whole answer of the gateway's own, as data; to HEAD it is sent without its body. */
export interface PlainAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}
