import type { Reporter, TestModule } from 'vitest/node'

/** Ends a run with what was skipped and why, and the one line that machines read. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]) {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state: string) => tests.filter((test) => test.result().state === state).length
    const broken = modules.filter(
      (module) => module.state() === 'failed' && module.errors().length > 0,
    )
    const failed = count('failed') + broken.length + errors.length

    const skipped = tests.filter((test) => test.result().state === 'skipped')
    if (skipped.length > 0) console.log('\nSkipped, each with its reason in the name or note:')
    for (const test of skipped) {
      const result = test.result()
      const note = result.state === 'skipped' && result.note ? ` (${result.note})` : ''
      console.log(`  ${test.module.relativeModuleId}: ${test.fullName}${note}`)
    }
    console.log(`\n${count('passed')} passed, ${failed} failed, ${skipped.length} skipped`)
  }
}
