import { type Language, type PageName, pageTexts } from './texts.ts'

export interface PageOptions {
  readonly page: PageName
  readonly language: Language
  /** The tenant's name, above the title. */
  readonly displayName?: string
  /** Seconds after which the browser asks again, with or without JavaScript. */
  readonly refreshSeconds?: number
}

/** Something goes on that ends by itself: these show that it moves. */
const inProgress: readonly PageName[] = ['creating', 'unavailable']

/** One page without any outside resource: it must work when nothing else does. */
export function renderPage({ page, language, displayName, refreshSeconds }: PageOptions): string {
  const { title, lead, hint } = pageTexts[language][page]
  const waiting = refreshSeconds !== undefined
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${waiting ? `<meta http-equiv="refresh" content="${refreshSeconds}">\n` : ''}<meta name="robots" content="noindex">
<title>${title}</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
${displayName === undefined ? '' : `<p class="name">${escapeHtml(displayName)}</p>\n`}<h1>${title}</h1>
<p${waiting ? ' role="status"' : ''}>${lead}</p>
${inProgress.includes(page) ? '<div class="bar" aria-hidden="true"><span></span></div>\n' : ''}<p class="hint">${hint}</p>
</main>
</body>
</html>
`
}

/** No browser has so long a list; what stands beyond is not looked at. */
const acceptLanguageMax = 500

/** Bulgarian when the client prefers it over English (RFC 9110 12.5.4), else English. */
export function preferredLanguage(acceptLanguage: string | undefined): Language {
  const ranges = (acceptLanguage ?? '').slice(0, acceptLanguageMax).toLowerCase().split(',')
  const weight = (language: string) => Math.max(...ranges.map((range) => weightIn(range, language)))
  return weight('bg') > weight('en') ? 'bg' : 'en'
}

function weightIn(range: string, language: string): number {
  const [tag = '', ...parameters] = range.split(';').map((part) => part.trim())
  if (tag !== language && !tag.startsWith(`${language}-`)) return 0
  const quality = parameters.find((parameter) => parameter.startsWith('q='))
  return quality === undefined ? 1 : Number(quality.slice('q='.length)) || 0
}

/** Text for markup and quoted attributes. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character)
}

/** The look of all our pages. */
export const pageStyle = `
:root{color-scheme:light dark;--ink:#1d2330;--soft:#5a6477;--paper:#f6f7fa;--card:#fff;--line:#5b3df5}
@media (prefers-color-scheme:dark){:root{--ink:#eef0f6;--soft:#a5aec2;--paper:#12151d;--card:#1b202c;--line:#9a86ff}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--paper);color:var(--ink);font:1.0625rem/1.55 system-ui,sans-serif}
main{width:100%;max-width:32rem;background:var(--card);border-radius:1rem;padding:2rem;box-shadow:0 1px 3px #0002}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .75rem}
p{margin:0 0 .75rem}
.name{color:var(--soft);font-weight:600}
.hint{color:var(--soft);margin:0}
.bar{height:.25rem;border-radius:1rem;overflow:hidden;background:#8883;margin:0 0 1rem}
.bar span{display:block;width:40%;height:100%;border-radius:1rem;background:var(--line);animation:go 1.4s ease-in-out infinite}
@keyframes go{from{transform:translateX(-100%)}to{transform:translateX(260%)}}
@media (prefers-reduced-motion:reduce){.bar span{animation:none;width:100%}}`.trim()
