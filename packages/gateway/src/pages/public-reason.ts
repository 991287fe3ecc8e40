/** More than one plain sentence is a stack of programs’ words, for operators. */
const lengthMax = 160

/**
 * Why a start failed, as anybody may read it; undefined where the reason is better left to operators. Whoever can open
 * the page may be a stranger: so a text that speaks of secrets is not told at all, of others nothing of the inside is,
 * such as files and addresses, and what would then say nothing is left out.
 */
export function publicReason(trouble: string | undefined): string | undefined {
  const text = trouble?.trim()
  if (!text || text.length > lengthMax || /[\n\r]/.test(text)) return undefined
  if (ofSecrets.test(text)) return undefined
  const masked = inner.reduce((left, pattern) => left.replaceAll(pattern, '…'), text)
  return /\p{L}{3}/u.test(masked) ? masked : undefined
}

const ofSecrets =
  /passw|\bpwd|passphrase|secret|token|api.?key|private.?key|authori[sz]ation|credential|cookie/i

/** Each as a whole, so that no part of it stays. */
const inner = [
  // URLs, with what may stand in them.
  /[a-z][a-z0-9+.-]*:\/\/\S+/gi,
  // Who somebody is at a mail server or a database.
  /\S+@\S+/g,
  // Files and addresses of this machine.
  /(?<![\p{L}\d])~?(?:\/[\w.@+-]+){2,}\/?/gu,
  /\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g,
  /\b(?:[\da-f]{0,4}:){3,}[\da-f]{0,4}\b/gi,
  // Long strings without a space are keys, hashes, identifiers.
  /[\w+/=-]{24,}/g,
]
