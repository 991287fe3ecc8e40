import { defaultHeapMegabytes, leastHeapMegabytes, mostHeapMegabytes } from './bound-heap.ts'

/** Whether a script of npm started this command: `npm start` or `npm run pulse`, not one that runs tests. */
export function isStartedByNpm(): boolean {
  const { npm_execpath: npm, npm_lifecycle_event: script } = process.env
  return npm !== undefined && (script === 'start' || script === 'pulse')
}

/** How much memory the environment asks for, as far as can be told before settings are read. */
export function heapAsked(environment: NodeJS.ProcessEnv = process.env): number {
  const megabytes = Number(environment.PLANA_HEAP_MAX_MEGABYTES)
  const isLegal = megabytes >= leastHeapMegabytes && megabytes <= mostHeapMegabytes
  return isLegal && Number.isInteger(megabytes) ? megabytes : defaultHeapMegabytes
}
