import type { TestCase, TestProject } from 'vitest/node';

/** After all output of the run: every test that did not run, by the reason that it gave. */
export default function tellWhatDidNotRun(project: TestProject): () => void {
  return () => {
    const byReason = new Map<string, string[]>();
    for (const module of project.vitest.state.getTestModules()) {
      if (module.project !== project) continue;
      for (const test of module.children.allTests('skipped')) {
        const reason = reasonOf(test);
        const name = `${module.relativeModuleId}: ${test.fullName}`;
        byReason.set(reason, [...(byReason.get(reason) ?? []), name]);
      }
    }
    for (const [reason, names] of byReason) {
      console.log(`\n${names.length} tests not run: ${reason}\n${names.map((name) => `  ${name}`).join('\n')}`);
    }
  };
}

function reasonOf(test: TestCase): string {
  const result = test.result();
  const note = result.state === 'skipped' ? result.note : undefined;
  return test.meta().notRun ?? note ?? 'skipped without a reason, or what has to come before them failed';
}
