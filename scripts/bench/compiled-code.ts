import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * Environment of a measured program of ours: it finds its code compiled, as the command does, so that what is measured is
 * what runs.
 */
export const compiledCode = {
  NODE_COMPILE_CACHE: join(homedir(), '.cache', 'pulse', 'compiled'),
}
