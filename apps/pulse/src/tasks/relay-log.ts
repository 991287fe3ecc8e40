import { createInterface } from 'node:readline'
import type { Log } from '@pulse/api'
import Type from 'typebox'
import { parseJson } from '../installation/json-text.ts'

const logLine = Type.Object({
  level: Type.Union([
    Type.Literal('debug'),
    Type.Literal('info'),
    Type.Literal('warn'),
    Type.Literal('error'),
  ]),
  msg: Type.String(),
  time: Type.Optional(Type.String()),
})

/** Puts what a process of ours logs to its standard error into our own log, wherever that goes. */
export function relayLog(from: NodeJS.ReadableStream, log: Log) {
  createInterface({ input: from }).on('line', (text) => {
    const line = parseJson(logLine, text)
    // Whatever is no line of a log is the end of a process, in the words of Node.
    if (!line) return log.error({ text }, 'task runner says')
    const { level, msg, time: _ours, ...facts } = line
    log[level](facts, msg)
  })
}
