/** The program that `parseIsolated` runs: a tree with its texts on stdin, what it says on stdout. */
import { text } from 'node:stream/consumers';
import { createDocumentCache } from './cache.js';
import type { TextTree } from './isolated.js';
import { loadDesired } from './load.js';

const tree = JSON.parse(await text(process.stdin)) as TextTree;
const texts = new Map(tree.files.map((file) => [file.path, file.text]));
const result = await loadDesired(
  {
    revision: tree.revision,
    files: tree.files.map(({ path, blob }) => ({ path, blob, bytes: null })),
    read: (file) => Promise.resolve(texts.get(file.path) ?? ''),
    readPath: () => Promise.resolve(null),
  },
  createDocumentCache(),
);
process.stdout.write(JSON.stringify(result));
