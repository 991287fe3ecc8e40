/** Who visits without a person waiting. */
export type AgentKind = 'monitor' | 'search-engine' | 'link-preview' | 'bot'

interface AgentRow {
  /** Part of the User-Agent, in its own spelling; compared without case. */
  readonly token: string
  readonly kind: AgentKind
  /** Who sends it. */
  readonly by: string
}

/**
 * Well-known visitors, as their operators name them on the page that their User-Agent links to, or in the source of the
 * program. Anybody may call itself so, and gains nothing: it only wakes less.
 */
export const knownAgents: readonly AgentRow[] = [
  ...of('monitor', [
    ['UptimeRobot/', 'UptimeRobot'],
    ['Pingdom.com_bot', 'Pingdom'],
    ['PingdomPageSpeed', 'Pingdom'],
    ['StatusCake', 'StatusCake'],
    ['Better Uptime Bot', 'Better Stack'],
    ['Better Stack Better Uptime', 'Better Stack'],
    ['Site24x7', 'Site24x7'],
    ['NewRelicPinger', 'New Relic'],
    ['DatadogSynthetics', 'Datadog'],
    ['updown.io', 'updown.io'],
    ['HetrixTools', 'HetrixTools'],
    ['OhDear.app', 'Oh Dear'],
    ['Checkly/', 'Checkly'],
    ['Uptime-Kuma/', 'Uptime Kuma'],
    ['Blackbox Exporter/', 'Prometheus'],
    ['Blackbox-Exporter/', 'Prometheus'],
    ['kube-probe/', 'Kubernetes'],
    ['GoogleHC/', 'Google Cloud'],
    ['ELB-HealthChecker/', 'Amazon Web Services'],
    ['check_http/', 'Monitoring Plugins'],
    ['Zabbix', 'Zabbix'],
    ['Gatus/', 'Gatus'],
  ]),
  ...of('search-engine', [
    ['Googlebot', 'Google'],
    ['Google-InspectionTool', 'Google'],
    ['Storebot-Google', 'Google'],
    ['AdsBot-Google', 'Google'],
    ['bingbot', 'Microsoft'],
    ['DuckDuckBot', 'DuckDuckGo'],
    ['YandexBot', 'Yandex'],
    ['Baiduspider', 'Baidu'],
    ['Applebot', 'Apple'],
    ['SeznamBot', 'Seznam'],
    ['PetalBot', 'Huawei'],
    ['Yahoo! Slurp', 'Yahoo'],
    ['Qwantbot', 'Qwant'],
    ['MojeekBot', 'Mojeek'],
  ]),
  ...of('link-preview', [
    ['facebookexternalhit', 'Meta'],
    ['WhatsApp/', 'Meta'],
    ['Twitterbot', 'X'],
    ['LinkedInBot', 'LinkedIn'],
    ['Slackbot', 'Slack'],
    ['Slack-ImgProxy', 'Slack'],
    ['TelegramBot', 'Telegram'],
    ['Discordbot', 'Discord'],
    ['SkypeUriPreview', 'Microsoft'],
    ['redditbot', 'Reddit'],
    ['Pinterestbot', 'Pinterest'],
    ['Mattermost-Bot', 'Mattermost'],
    ['Synapse (bot;', 'Matrix'],
    ['Iframely', 'Iframely'],
    ['Embedly', 'Embedly'],
  ]),
  ...of('bot', [
    ['GPTBot', 'OpenAI'],
    ['OAI-SearchBot', 'OpenAI'],
    ['ChatGPT-User', 'OpenAI'],
    ['ClaudeBot', 'Anthropic'],
    ['Claude-User', 'Anthropic'],
    ['PerplexityBot', 'Perplexity'],
    ['CCBot', 'Common Crawl'],
    ['Bytespider', 'ByteDance'],
    ['Amazonbot', 'Amazon'],
    ['meta-externalagent', 'Meta'],
    ['AhrefsBot', 'Ahrefs'],
    ['SemrushBot', 'Semrush'],
    ['MJ12bot', 'Majestic'],
    ['DotBot', 'Moz'],
    ['DataForSeoBot', 'DataForSEO'],
    ['BLEXBot', 'SEO PowerSuite'],
    ['serpstatbot', 'Serpstat'],
    ['archive.org_bot', 'Internet Archive'],
    ['CensysInspect', 'Censys'],
    ['InternetMeasurement', 'driftnet'],
    ['Expanse', 'Palo Alto Networks'],
    ['zgrab/', 'ZMap'],
    ['masscan/', 'masscan'],
    ['Nmap Scripting Engine', 'Nmap'],
    ['Nuclei', 'ProjectDiscovery'],
  ]),
]

/** Long enough for any that means it; what lies beyond is not looked at. */
const readCharactersMax = 512

/** Few names make most requests; `undefined` is remembered as well. */
const remembered = new Map<string, AgentKind | undefined>()
const rememberedMax = 1_000

/** What kind of visitor a User-Agent names; undefined for browsers and programs that nobody knows. */
export function agentOf(userAgent: string): AgentKind | undefined {
  const known = remembered.get(userAgent)
  if (known !== undefined || remembered.has(userAgent)) return known
  const kind = readAgent(userAgent)
  if (userAgent.length > readCharactersMax) return kind
  if (remembered.size >= rememberedMax) remembered.clear()
  remembered.set(userAgent, kind)
  return kind
}

function readAgent(userAgent: string): AgentKind | undefined {
  const text = userAgent.slice(0, readCharactersMax).toLowerCase()
  const known = anyToken.exec(text)?.[0]
  if (known !== undefined) return kindByToken.get(known)
  return introducesItself(text) ? 'bot' : undefined
}

/** The custom of crawlers: their kind, and a page about them. Some telephones have “bot” in their name alone. */
function introducesItself(text: string): boolean {
  return /bot|crawl|spider|scan/.test(text) && /\+?https?:\/\//.test(text)
}

const kindByToken = new Map(knownAgents.map(({ token, kind }) => [token.toLowerCase(), kind]))

const anyToken = new RegExp([...kindByToken.keys()].map(escaped).join('|'))

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

function of(kind: AgentKind, rows: readonly (readonly [token: string, by: string])[]): AgentRow[] {
  return rows.map(([token, by]) => ({ token, kind, by }))
}
