/**
 * Where histories outlive the gateway: one text of at most 4 KiB for each name. What is asked of one name is done in that
 * order, and ends with its signal at the latest.
 */
export interface HistoryStore {
  load(environment: string, signal: AbortSignal): Promise<string | undefined>
  save(environment: string, text: string, signal: AbortSignal): Promise<void>
  /** Also where there is none. */
  remove(environment: string, signal: AbortSignal): Promise<void>
}
