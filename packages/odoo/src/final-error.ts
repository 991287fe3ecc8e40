/** Something that trying again cannot mend: the same files on the same machine would come to the same end. */
export class FinalError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'FinalError'
  }
}

/** A failure in words for people, final or not as its cause makes it. */
export function failureOf(
  message: string,
  { cause, isFinal }: { readonly cause: unknown; readonly isFinal: boolean },
): Error {
  return isFinal ? new FinalError(message, { cause }) : new Error(message, { cause })
}
