/** Whether a script of npm started this command: `npm start` or `npm run pulse`, not one that runs tests. */
export function isStartedByNpm(): boolean {
  const { npm_execpath: npm, npm_lifecycle_event: script } = process.env
  return npm !== undefined && (script === 'start' || script === 'pulse')
}
