import { describe, expect, it } from 'vitest';
import { openBars, openLines, renderBar, type Bar } from '../../src/cli/progress.js';
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
    const line = renderBar(BAR, 100, false);
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
    expect(renderBar(long, width, false).length).toBeLessThanOrEqual(width);
  });

  it.each([-1, 0, 0.999, 1, 7])('takes a ratio of %d', (ratio) => {
    const line = renderBar({ ...BAR, ratio }, 100, false);
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
