import { execFileSync } from 'node:child_process'

/** What a program says of its version; empty when it says none. */
export function versionIn(program: string, args: readonly string[]): string {
  const text = execFileSync('/bin/sh', ['-c', '"$0" "$@" 2>&1', program, ...args], {
    encoding: 'utf8',
  })
  return /\d+\.\d+(\.\d+)?/.exec(text)?.[0] ?? ''
}
