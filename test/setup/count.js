/** Prints `PASSED FAILED` from vitest's JSON report. A run that failed without saying which test counts as one failure. */
import { readFileSync } from 'node:fs';

const [report, exitCode] = process.argv.slice(2);
const { passed, failed } = counts(report);
console.log(`${passed} ${failed === 0 && exitCode !== '0' ? 1 : failed}`);

function counts(file) {
  try {
    const { numPassedTests, numFailedTests, numFailedTestSuites, numTotalTests } = JSON.parse(
      readFileSync(file, 'utf8'),
    );
    const brokenFiles = numFailedTests === 0 ? numFailedTestSuites : 0;
    if (numTotalTests === 0) return { passed: 0, failed: 1 };
    return { passed: numPassedTests, failed: numFailedTests + brokenFiles };
  } catch {
    return { passed: 0, failed: 1 };
  }
}
