/** Adds up vitest's JSON reports and the steps that failed as a whole; prints CI's closing line and exits accordingly. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'

const Report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  success: z.boolean(),
})

const [failedSteps = '0', ...files] = process.argv.slice(2)
const reports = files.map((file) => Report.parse(JSON.parse(readFileSync(file, 'utf8'))))
const sum = (pick: (report: z.infer<typeof Report>) => number) =>
  reports.reduce((total, report) => total + pick(report), 0)

// A step can fail without a failed test, as when a suite does not load: it must count as well.
const failed = Math.max(
  sum((report) => report.numFailedTests),
  Number(failedSteps),
)
console.log(
  `${sum((report) => report.numPassedTests)} passed, ${failed} failed, ${sum((report) => report.numPendingTests)} skipped`,
)
process.exitCode = failed === 0 && reports.length > 0 ? 0 : 1
