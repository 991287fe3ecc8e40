import type { ServerResponse } from 'node:http'

/** Passes on the links of a 103 (RFC 8297). Node throws at one that it cannot read: such a hint is not worth an answer. */
export function passEarlyHints(response: ServerResponse, headers: readonly string[]) {
  if (response.req.httpVersion !== '1.1' || response.headersSent) return
  const link: string[] = []
  for (let at = 0; at + 1 < headers.length; at += 2) {
    if (headers[at]?.toLowerCase() === 'link') link.push(headers[at + 1] ?? '')
  }
  if (link.length > 0 && link.every((value) => linkValue.test(value))) {
    response.writeEarlyHints({ link })
  }
}

const linkValue = /^<[^>]*>(?:\s*;\s*[^;"\s=]+(?:=(?:"[^;"\s]*"|[^;"'\s]*))?)*$/
