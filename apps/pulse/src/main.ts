import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { boundHeap } from './launch/bound-heap.ts'
import { heapAsked } from './launch/config.ts'

// Before anything else is loaded, for it would be loaded twice. Whether the setting is legal, `up` tells.
if (process.argv[2] === 'up') boundHeap(heapAsked())

// Types are stripped and code is compiled once, not at every command: this halves the time until a command answers.
enableCompileCache(join(homedir(), '.cache', 'pulse', 'compiled'))
const { runCommandLine } = await import('./cli.ts')
await runCommandLine()
