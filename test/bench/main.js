// `npm run bench [-- COMMAND …]`: compiles what the bench needs to dist/bench when a source is newer, then runs it as plain modules:
// no loader stands between them, so what is measured is what production sees.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);
const built = new URL('dist/bench/', root);
const stamp = new URL('compiled', built);
const sources = [
  'test/bench',
  'src/model',
  'src/planner',
  'src/portfolio',
  'src/connection',
  'src/drivers/libvirt',
  'src/reconcile',
  'package.json',
  'tsconfig.json',
];

function newest(url) {
  if (!existsSync(url)) return 0;
  const { mtimeMs, isDirectory } = { ...statSync(url), isDirectory: statSync(url).isDirectory() };
  if (!isDirectory) return mtimeMs;
  return Math.max(mtimeMs, ...readdirSync(url).map((name) => newest(new URL(`${url.href}/${name}`))));
}

/** Compiles into a folder of its own and then puts it in place, so that two benches started together do not read half a file. */
function compile() {
  const started = new Date();
  const fresh = new URL(`dist/bench-${process.pid}/`, root);
  const compiler = fileURLToPath(new URL('node_modules/typescript/bin/tsc', root));
  const project = fileURLToPath(new URL('tsconfig.json', import.meta.url));
  const command = [compiler, '-p', project, '--outDir', fileURLToPath(fresh)];
  const { status } = spawnSync(process.execPath, command, { stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(1);
  const mark = new URL('compiled', fresh);
  writeFileSync(mark, '');
  utimesSync(mark, started, started);
  rmSync(built, { recursive: true, force: true });
  try {
    renameSync(fresh, built);
  } catch {
    rmSync(fresh, { recursive: true, force: true });
  }
}

const changed = Math.max(...sources.map((source) => newest(new URL(source, root))));
if (!existsSync(stamp) || statSync(stamp).mtimeMs < changed) compile();
const { main } = await import(new URL('test/bench/program.js', built).href);
process.exitCode = await main(process.argv.slice(2));
