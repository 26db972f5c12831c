/**
 * `npm run demo [-- --driver libvirt]`. Without a driver, the program's own demo on a simulated cluster; with libvirt, the one that
 * moves real machines between hypervisors in namespaces (`demo/perform.ts`).
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const usage = 'usage: npm run demo -- [--driver simulator|libvirt] [--no-color]';

// What belongs to the program's own demo is left to it, and so is complaining of it.
const { values, tokens } = parseArgs({
  args: process.argv.slice(2),
  options: { driver: { type: 'string' }, 'no-color': { type: 'boolean' } },
  strict: false,
  tokens: true,
});
const ofDriver = new Set(
  tokens.flatMap((token) =>
    token.kind === 'option' && token.name === 'driver' ? [token.index, token.inlineValue ? -1 : token.index + 1] : [],
  ),
);
const others = process.argv.slice(2).filter((_, index) => !ofDriver.has(index));

if (!existsSync(main)) {
  console.error('the program is not built yet: npm run build');
  process.exitCode = 1;
} else if (values.driver === undefined || values.driver === 'simulator') {
  process.argv = [process.execPath, main, 'demo', ...others];
  await import(main);
} else if (values.driver === 'libvirt' && others.every((word) => word === '--no-color')) {
  await import('../tools/typescript.js');
  const { play } = await import('./demo/perform.ts');
  if (values['no-color']) process.env.NO_COLOR = '1';
  process.exit(await play(main));
} else {
  console.error(usage);
  process.exitCode = 64;
}
