import { readFileSync } from 'node:fs';

/**
 * The floors of `src/`, bottom up: a floor may import itself and the floors named beside it, nothing else of ours.
 * `src/README.md` shows the same table for people; `test/architecture.test.ts` holds the two together.
 */
const floors = JSON.parse(readFileSync(new URL('./floors.json', import.meta.url), 'utf8'));

const below = (names) => names.map((name) => `^src/${name}/`);

export default {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    ...Object.entries(floors).map(([floor, allowed]) => ({
      name: `floor-${floor.replaceAll('/', '-')}`,
      severity: 'error',
      from: { path: `^src/${floor}/` },
      to: { path: '^src/', pathNot: below([floor, ...allowed]) },
    })),
    {
      name: 'replay-is-independent-of-the-planner',
      severity: 'error',
      from: { path: '^src/planner/replay/' },
      to: { path: '^src/', pathNot: '^src/(model|planner/replay)/' },
    },
    {
      name: 'pure-floors-use-no-node-io',
      severity: 'error',
      from: { path: '^src/(model|planner|status|report)/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'only-compose-names-adapters',
      severity: 'error',
      from: { path: '^src/cli/', pathNot: '^src/cli/compose\\.ts$' },
      to: { path: '^src/(drivers|git|journal|ledger|lease|clock)/' },
    },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, path: '^src/', pathNot: '\\.d\\.ts$' }, to: {} },
    { name: 'no-tests-in-src', severity: 'error', from: { path: '^src/' }, to: { path: '^test/' } },
    {
      name: 'no-undeclared-packages',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown', 'npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types'] },
  },
};
