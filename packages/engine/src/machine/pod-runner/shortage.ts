import { isRecord } from '@pulse/api'

/** Errors of system calls (errno(3)) that say what has run out, in words for whoever has to mend it. */
const shortages: Readonly<Record<string, string>> = {
  EAGAIN:
    'no further process can be started: a limit of processes is reached (ulimit -u, pids.max of a control group, kernel.pid_max)',
  EMFILE: 'Pulse has as many files open as it may (ulimit -n, LimitNOFILE)',
  ENFILE: 'this machine has as many files open as it can (fs.file-max)',
  ENOMEM: 'this machine has no memory left',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
}

const deepest = 5

/** What has run out, by an error or what has caused it; undefined when it says nothing of that kind. */
export function shortageIn(error: unknown): string | undefined {
  let current = error
  for (let depth = 0; depth < deepest && isRecord(current); depth += 1) {
    const words = typeof current.code === 'string' ? shortages[current.code] : undefined
    if (words !== undefined) return words
    current = current.cause
  }
  return undefined
}
