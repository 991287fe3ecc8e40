/** The `Content-Type` that Odoo gives a static file, by Python's table of suffixes. */
export function contentTypeOf(name: string): string {
  const suffix = /\.([^./]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''
  const type = types.get(suffix) ?? 'application/octet-stream'
  return isText(type) ? `${type}; charset=utf-8` : type
}

function isText(type: string): boolean {
  return type.startsWith('text/') || /^application\/(xml|sql)$|\+xml$/.test(type)
}

const types = new Map([
  ['avif', 'image/avif'],
  ['css', 'text/css'],
  ['csv', 'text/csv'],
  ['eot', 'application/vnd.ms-fontobject'],
  ['gif', 'image/gif'],
  ['html', 'text/html'],
  ['ico', 'image/vnd.microsoft.icon'],
  ['jpeg', 'image/jpeg'],
  ['jpg', 'image/jpeg'],
  ['js', 'text/javascript'],
  ['json', 'application/json'],
  ['md', 'text/markdown'],
  ['mjs', 'text/javascript'],
  ['mp3', 'audio/mpeg'],
  ['mp4', 'video/mp4'],
  ['ogg', 'audio/ogg'],
  ['otf', 'font/otf'],
  ['pdf', 'application/pdf'],
  ['png', 'image/png'],
  ['pot', 'text/plain'],
  ['py', 'text/x-python'],
  ['sql', 'application/sql'],
  ['svg', 'image/svg+xml'],
  ['ttf', 'application/x-font-ttf'],
  ['txt', 'text/plain'],
  ['wasm', 'application/wasm'],
  ['wav', 'audio/x-wav'],
  ['webm', 'video/webm'],
  ['webmanifest', 'application/manifest+json'],
  ['webp', 'image/webp'],
  ['woff', 'application/font-woff'],
  ['woff2', 'font/woff2'],
  ['xls', 'application/vnd.ms-excel'],
  ['xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  ['xml', 'application/xml'],
])
