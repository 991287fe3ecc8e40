import type { KindDefinition } from '@pulse/api'
import type { ObjectsClient } from '@pulse/engine'
import type { PulseConfig } from '../config.ts'
import type { MachineStatus } from '../machine-status/schema.ts'
import type { MachineTop } from '../machine-top/schema.ts'
import type { Terminal } from '../terminal/progress.ts'
import type { ShownFigures } from './read-figures.ts'

/** What a command is given: where it writes, what it is configured with, how it reaches the API. */
export interface CommandContext {
  /** Results, for people and pipes. */
  readonly out: Terminal
  /** Progress and errors. */
  readonly err: Terminal
  /** All kinds, to know what a word on the command line means; loaded only when asked for. */
  kinds(): Promise<readonly KindDefinition[]>
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
  /** A command line to tell people, such as `pulse up` for `up`; it names the installation once the configuration was read. */
  hint(words: string): string
  config(flags: GlobalFlags): Promise<PulseConfig>
  /** The API of the running installation; refuses with a hint when it is not running. */
  connect(config: PulseConfig): Promise<Cluster>
  /** How an environment slept and woke; undefined when the gateway tells nothing of it. */
  figures(config: PulseConfig, environment: string): Promise<ShownFigures | undefined>
  /** What runs and what it uses; undefined when the server does not answer. */
  top(config: PulseConfig): Promise<MachineTop | undefined>
  /** The whole machine, as its server sees it; undefined when it does not answer. */
  machine(config: PulseConfig): Promise<MachineStatus | undefined>
}

/** The API as commands use it. */
export type Cluster = ObjectsClient

export interface GlobalFlags {
  readonly state?: string
  readonly httpPort?: string
}
