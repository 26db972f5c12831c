import { describe, expect, it } from 'vitest';
import { openBars, openLines, renderBars, type Bar } from '../../src/cli/progress.js';
import { moveBars } from '../../src/cli/move-bars.js';
import { PLAN } from '../report/specimen.js';
import type { Terminal } from '../../src/cli/terminal.js';

const BAR: Bar = { id: 'du-1.1', label: 'du-1  a → b', note: 'migrating', detail: '', ratio: 0.5, state: 'running' };

function fakeTerminal(): { terminal: Terminal; written: () => string } {
  let written = '';
  return {
    terminal: {
      out: () => undefined,
      err: (text) => (written += text),
      interactive: true,
      color: false,
      columns: () => 100,
    },
    written: () => written,
  };
}

describe('progress', () => {
  it('shows how far a move is and what it does now', () => {
    const [line] = renderBars([BAR], 100, false);
    expect(line).toContain('▸ du-1  a → b');
    expect(line).toContain('━'.repeat(12) + '─'.repeat(12));
    expect(line).toContain(' 50 %  migrating');
  });

  it.each([20, 40, 60, 80])('never writes a line longer than a terminal of %i columns', (width) => {
    const long = {
      ...BAR,
      label: 'a-machine-with-a-very-long-name  node-one → node-two',
      note: 'a note that goes on and on',
    };
    expect(renderBars([long], width, false)[0]?.length).toBeLessThanOrEqual(width);
  });

  const copying = { ...BAR, label: 'cu-up-1  edge-a1 → edge-a2', detail: '11.1 of 17.9 GiB' };
  it.each([
    { width: 80, gauge: 19, text: '11.1 of 17.9 GiB', reason: 'the phase gives way to the bytes' },
    { width: 100, gauge: 24, text: 'migrating 11.1 of 17.9 GiB', reason: 'there is room for all' },
    { width: 60, gauge: 0, text: '11.1 of 17.9 GiB', reason: 'the gauge shrinks first' },
    { width: 52, gauge: 0, text: '11.1 of 17.9 GiB', reason: 'label and bytes are left' },
  ])('keeps label and bytes at $width columns: $reason', ({ width, gauge, text }) => {
    const [line = ''] = renderBars([copying], width, false);
    expect(line).toContain('cu-up-1  edge-a1 → edge-a2 ');
    expect(line.match(/[━─]/g) ?? []).toHaveLength(gauge);
    expect(line).toMatch(new RegExp(` 50 %  ${text}$`));
  });

  it('shrinks the gauge at 50 columns before anything else', () => {
    const [line = ''] = renderBars([{ ...BAR, detail: '1.1 of 2.0 GiB' }], 50, false);
    expect(line).toMatch(/^▸ du-1 {2}a → b [━─]{4} {2}50 % {2}migrating 1\.1 of 2\.0 GiB$/);
  });

  it('keeps the columns of several bars below each other', () => {
    const lines = renderBars([BAR, { ...BAR, label: 'a-long-name  a → b', note: 'waiting' }], 80, false);
    expect(new Set(lines.map((line) => line.indexOf('━'))).size).toBe(1);
  });

  it('counts pages that are sent again: never more bytes than there are', () => {
    const [move] = PLAN.moves;
    const step = PLAN.steps.find(({ kind }) => kind === 'migrate');
    if (move === undefined || step === undefined) throw new Error('the specimen has a migration');
    const shown: Bar[] = [];
    const bars = moveBars({ show: (bar) => shown.push(bar), say: () => undefined, end: () => undefined });
    bars({ kind: 'plan-started', at: 0, plan: PLAN });
    for (const doneBytes of [0.5, 2, 3])
      bars({
        ...{ kind: 'step-progress', at: 0, step },
        progress: { doneBytes: doneBytes * 1024 ** 3, totalBytes: 2 * 1024 ** 3, downtimeMs: null },
      });
    expect(shown.slice(-3).map(({ detail }) => detail)).toEqual(['0.5 of 2.0 GiB', '2.0 of 2.0 GiB', '3.0 of 3.0 GiB']);
    expect(shown.at(-1)?.ratio).toBeLessThanOrEqual(1);
  });

  it.each([-1, 0, 0.999, 1, 7])('takes a ratio of %d', (ratio) => {
    const [line = ''] = renderBars([{ ...BAR, ratio }], 100, false);
    expect(line.match(/[━─]/g)).toHaveLength(24);
    expect(line).not.toMatch(/(-\d|[2-9]\d\d|1[1-9]\d) %/);
  });

  it('redraws in place, at once when a state changes and else at most once a frame', () => {
    const { terminal, written } = fakeTerminal();
    let now = 0;
    const bars = openBars(terminal, () => now);
    bars.show(BAR);
    bars.show({ ...BAR, ratio: 0.51 });
    expect(written()).not.toContain('51 %');
    bars.show({ ...BAR, ratio: 1, state: 'done', note: 'arrived' });
    expect(written()).toContain('\u001B[1A');
    expect(written()).toContain('✔');
    now = 1000;
    bars.show({ ...BAR, id: 'du-2.1', ratio: 0.1 });
    expect(written().split('\u001B[1A')).toHaveLength(3);
  });

  it('writes each change once where nobody can watch a bar', () => {
    const { terminal, written } = fakeTerminal();
    const lines = openLines(terminal);
    lines.show(BAR);
    lines.show({ ...BAR, ratio: 0.7 });
    lines.show({ ...BAR, ratio: 1, state: 'done', note: 'arrived' });
    expect(written()).toBe('▸ du-1  a → b  migrating\n✔ du-1  a → b  arrived\n');
  });
});
