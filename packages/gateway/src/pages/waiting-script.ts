import { wakeStatusPath } from './wake-status.ts'

/**
 * Runs in the waiting page. It has the answer of `/.pulse/wake` shown, and loads the page anew when there is something
 * else to see. `reload` and no assignment of the address: one with a fragment would not be loaded again.
 */
export const waitingScript = `
(() => {
  const texts = document.querySelector('main').dataset
  const find = (id) => document.getElementById(id)
  const say = (id, text) => { const at = find(id); if (at && at.textContent !== text) at.textContent = text }
  const counted = (name, n) => texts[name + (n === 1 ? 'One' : 'Other')].replace('{n}', n)
  const retryIn = (ms) => ms > 120000 ? counted('retryMinutes', Math.ceil(ms / 60000)) : counted('retry', Math.max(1, Math.ceil(ms / 1000)))
  const shown = texts.state
  let failures = 0
  const show = (wake) => {
    if (wake.state === 'waking') {
      say('phase', texts[wake.phase])
      say('left', wake.etaMs === null ? texts.late : counted('left', Math.max(1, Math.ceil(wake.etaMs / 1000))))
      find('bar').value = wake.progress
    } else if (wake.retryInMs !== undefined) {
      say('retry', retryIn(wake.retryInMs))
    }
  }
  const ask = async () => {
    try {
      const answer = await fetch('${wakeStatusPath}', { cache: 'no-store', signal: AbortSignal.timeout(10000) })
      const wake = await answer.json()
      failures = 0
      if (wake.state === 'ready') return location.reload()
      if (wake.state === 'asleep') return setTimeout(() => location.reload(), 2000)
      if (wake.state !== shown) return location.reload()
      if (wake.retryInMs === 0) return setTimeout(() => location.reload(), 1000)
      show(wake)
    } catch {
      failures += 1
      if (failures === 20) return location.reload()
    }
    setTimeout(ask, shown === 'waking' ? Math.min(2000, 300 + 200 * failures) : 1000)
  }
  setTimeout(ask, 300)
})()
`
