import type { Reporter, TestModule } from 'vitest/node'

/** What is kept of the message of an error: enough to know it again, not a page of differences. */
const messageLimit = 600

/** Ends a run with what was skipped and why, what failed, and the one line that machines read. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]) {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state: string) => tests.filter((test) => test.result().state === state).length
    const broken = modules.filter(
      (module) => module.state() === 'failed' && module.errors().length > 0,
    )
    const failures = [
      ...tests.map((test) => ({
        name: `${test.module.relativeModuleId}: ${test.fullName}`,
        errors: test.result().state === 'failed' ? (test.result().errors ?? []) : [],
      })),
      ...broken.map((module) => ({ name: module.relativeModuleId, errors: module.errors() })),
      ...errors.map((error) => ({ name: 'outside of any test', errors: [error] })),
    ].filter((failure) => failure.errors.length > 0)

    const skipped = tests.filter((test) => test.result().state === 'skipped')
    if (skipped.length > 0) console.log('\nSkipped, each with its reason in the name or note:')
    for (const test of skipped) {
      const result = test.result()
      const note = result.state === 'skipped' && result.note ? ` (${result.note})` : ''
      console.log(`  ${test.module.relativeModuleId}: ${test.fullName}${note}`)
    }
    // After the rest: of a long record, often only the end is kept.
    if (failures.length > 0) console.log('\nFailed:')
    for (const { name, errors } of failures) {
      console.log(`  ${name}`)
      for (const error of errors) console.log(`    ${messageOf(error)}`)
    }
    const failed = count('failed') + broken.length + errors.length
    console.log(`\n${count('passed')} passed, ${failed} failed, ${skipped.length} skipped`)
  }
}

function messageOf(error: unknown): string {
  const { name, message } = error as { name?: unknown; message?: unknown }
  const text = `${String(name ?? 'Error')}: ${String(message ?? error)}`
  return text.slice(0, messageLimit).replaceAll('\n', '\n    ')
}
