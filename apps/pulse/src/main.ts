import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

// Types are stripped and code is compiled once, not at every command: this halves the time until a command answers.
enableCompileCache(join(homedir(), '.cache', 'pulse', 'compiled'))
const { runCommandLine } = await import('./cli.ts')
await runCommandLine()
