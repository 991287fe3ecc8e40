/** What the server and its task-runner process say to each other, over Node's IPC channel. */
export type ToRunner =
  | {
      readonly type: 'run'
      readonly id: number
      /** After `pulse`: `task claim --…`. */
      readonly args: readonly string[]
      /** File to append output to. */
      readonly log: string
    }
  | { readonly type: 'abort'; readonly id: number }

export type FromRunner =
  | { readonly type: 'ready' }
  | { readonly type: 'done'; readonly id: number; readonly exitCode: number }
  /** What this task says is lost from here on. */
  | { readonly type: 'unlogged'; readonly id: number; readonly reason: string }
  | ({ readonly type: 'step' } & FinishedStep)

/** A step of a task that has gone well. */
export interface FinishedStep {
  readonly task: string
  readonly step: string
  readonly durationMs: number
}
