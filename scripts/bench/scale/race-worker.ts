/** Races of some seeds, one after the other, in a thread of its own; each result is posted. */
import { parentPort, workerData } from 'node:worker_threads'
import { race } from '../../../packages/gateway/src/life/races/race.suite.ts'

for (const options of workerData) parentPort?.postMessage(await race(options))
