import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that wait for minutes, whatever their size: begun last, they would run alone in the end. */
const LONGEST = ['loop-silence.lab', 'contract.lab', 'loop.lab', 'every-kind', 'planner/properties', 'cli/watch'];

/** Files that take longest begin first; the others in vitest's own order. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.findIndex((name) => moduleId.includes(`${name}.test.ts`));
      return at < 0 ? LONGEST.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
