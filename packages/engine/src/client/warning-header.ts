/** The texts of `Warning` headers (RFC 7234 5.5), as an API server writes them: `299 - "text"`. */
export function warningsIn(headers: readonly string[]): readonly string[] {
  return headers.flatMap((header) =>
    [...header.matchAll(/\b\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) =>
      text.replace(/\\(.)/g, '$1'),
    ),
  )
}
