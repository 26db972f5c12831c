import pLimit from 'p-limit';
import { problem, type Desired, type Problem, type Result } from '../model/index.js';
import type { SourceTree, TreeFile } from '../ports/index.js';
import type { DocumentCache, FileContent } from './cache.js';
import { check, type Checked } from './check/check.js';
import { contradictions } from './contradictions/contradictions.js';
import { MAX_FILE_BYTES } from './parse/guard.js';
import { parse } from './parse/parse.js';
import { perCluster } from './resolve/clusters.js';
import { resolve } from './resolve/resolve.js';

/** A repository answers several reads at once faster than one after the other. */
const READS_AT_ONCE = 32;
/** Most problems that are told of one commit. */
const MAX_TOLD = 500;

/**
 * What the documents of a commit want, one {@link Desired} a cluster: guard, parse, check, resolve, look for contradictions.
 * One error anywhere and there is no value, because a rule that was left out could allow what it forbids. Throws only what
 * `tree.read` throws.
 */
export async function loadDesired(tree: SourceTree, cache: DocumentCache): Promise<Result<readonly Desired[]>> {
  cache.turn();
  const files = tree.files.filter(holdsDocuments);
  const contents = await pLimit(READS_AT_ONCE).map(files, (file) => cache.contentOf(file, () => contentOf(tree, file)));
  const problems = contents.flatMap((content) => content.problems);
  if (problems.length > 0) return { ok: false, problems: told(problems) };
  return combine(tree.revision, contents.flatMap((content) => content.documents)); // prettier-ignore
}

/** Every YAML file outside of folders (and files) whose names start with a dot. */
export function holdsDocuments({ path }: TreeFile): boolean {
  return /\.ya?ml$/.test(path) && !path.split('/').some((part) => part.startsWith('.'));
}

async function contentOf(tree: SourceTree, file: TreeFile): Promise<FileContent> {
  if (file.bytes !== null && file.bytes > MAX_FILE_BYTES) {
    const place = { file: file.path, line: 1, column: 1, pointer: '', excerpt: '' };
    const message = `the file is larger than ${MAX_FILE_BYTES} bytes`;
    return {
      documents: [],
      problems: [problem({ code: 'FileTooLarge', message, hint: 'split it into several files', place })],
    };
  }
  const parsed = parse(file.path, await tree.read(file));
  const checked = parsed.documents.map(check);
  return {
    documents: checked.flatMap((each) => ('document' in each ? [each] : [])),
    problems: [...parsed.problems, ...checked.flatMap((each) => ('document' in each ? [] : each))],
  };
}

function combine(revision: string, documents: readonly Checked[]): Result<readonly Desired[]> {
  const problems: Problem[] = [];
  const clusters = perCluster(documents, problems);
  if (problems.length > 0) return { ok: false, problems: told(problems) };
  const resolved = clusters.map((each) => resolve(revision, each, problems));
  problems.push(...resolved.flatMap(contradictions).slice(0, MAX_TOLD));
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) return { ok: false, problems: told(problems) };
  return { ok: true, value: resolved.map(({ desired }) => desired), warnings: told(problems) };
}

/** Errors first, in the order of files and lines, each once (a shared document is looked at for every cluster). */
function told(problems: readonly Problem[]): readonly Problem[] {
  const once = [
    ...new Map(problems.map((each) => [JSON.stringify([each.code, each.message, each.place]), each])).values(),
  ];
  const sorted = once.sort((a, b) => a.severity.localeCompare(b.severity) || compare(a, b));
  if (sorted.length <= MAX_TOLD) return sorted;
  const more = problem({ code: 'TooManyProblems', message: `and ${sorted.length - MAX_TOLD} more problems` });
  return [...sorted.slice(0, MAX_TOLD), more];
}

function compare({ place: a }: Problem, { place: b }: Problem): number {
  if (a === null || b === null) return Number(b === null) - Number(a === null);
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
