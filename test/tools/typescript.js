/**
 * Lets node run the TypeScript of test/ as it stands: `node --import ./test/tools/typescript.js FILE.ts`.
 * For programs that a person starts; tests are loaded by vitest, and what is shipped is compiled by tsc.
 */
import { existsSync, readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';

// The hooks run in a thread of their own, which loads this module again.
if (isMainThread) register(import.meta.url);

/** An import of `x.js` means `x.ts` where only that exists. */
export async function resolve(specifier, context, next) {
  if (specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL?.startsWith('file:')) {
    const typed = new URL(`${specifier.slice(0, -3)}.ts`, context.parentURL);
    if (existsSync(typed)) return { url: typed.href, shortCircuit: true };
  }
  return next(specifier, context);
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const { default: typescript } = await import('typescript');
  const { ModuleKind, ScriptTarget } = typescript;
  const { outputText } = typescript.transpileModule(readFileSync(fileURLToPath(url), 'utf8'), {
    compilerOptions: { module: ModuleKind.ESNext, target: ScriptTarget.ES2022, inlineSourceMap: true },
    fileName: url,
  });
  return { format: 'module', source: outputText, shortCircuit: true };
}
