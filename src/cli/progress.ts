import picocolors from 'picocolors';
import { plain } from '../report/escape.js';
import type { Terminal } from './terminal.js';

/** Where one line of progress stands. */
export interface Bar {
  readonly id: string;
  readonly label: string;
  /** What happens now, such as the kind of the running step. */
  readonly note: string;
  /** How far that is, such as bytes copied; empty when it cannot be said. */
  readonly detail: string;
  /** 0 to 1. */
  readonly ratio: number;
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
}

/** Shows how far several things are at once. */
export interface Progress {
  show(bar: Bar): void;
  /** A line of text that stays, above the bars. */
  say(line: string): void;
  /** Leaves the last picture standing. */
  end(): void;
}

const FRAME_MS = 80;
const MARKS = { waiting: '·', running: '▸', done: '✔', failed: '✘' } as const;

/** Bars that are redrawn in place, for a person at a terminal. `now` limits how often; `indent` stands before each line. */
export function openBars(terminal: Terminal, now: () => number, indent = ''): Progress {
  const bars = new Map<string, Bar>();
  let drawnLines = 0;
  let drawnAt = -Infinity;
  const draw = (): void => {
    const shown = [...bars.values()];
    const width = terminal.columns() - indent.length;
    const lines = shown.map((bar) => `\u001B[2K${indent}${renderBar(bar, width, terminal.color)}\n`);
    terminal.err(`${drawnLines > 0 ? `\u001B[${drawnLines}A` : ''}${lines.join('')}`);
    drawnLines = lines.length;
    drawnAt = now();
  };
  return {
    show(bar) {
      const before = bars.get(bar.id);
      bars.set(bar.id, bar);
      if (before?.state !== bar.state || now() - drawnAt >= FRAME_MS) draw();
    },
    say(line) {
      terminal.err(`${drawnLines > 0 ? `\u001B[${drawnLines}A\u001B[J` : ''}${indent}${line}\n`);
      drawnLines = 0;
      if (bars.size > 0) draw();
    },
    end() {
      if (bars.size > 0) draw();
      bars.clear();
      drawnLines = 0;
    },
  };
}

/** One line for each thing that happens, for a log or a pipe; what several devices of a machine go through at once is told once. */
export function openLines(terminal: Terminal): Progress {
  const shown = new Set<string>();
  return {
    show(bar) {
      const line = `${MARKS[bar.state]} ${bar.label}  ${plain(bar.note)}`;
      if (!shown.has(`${bar.id}\n${line}`)) terminal.err(`${line}\n`);
      shown.add(`${bar.id}\n${line}`);
    },
    say: (line) => terminal.err(`${line}\n`),
    end: () => shown.clear(),
  };
}

/** `▸ du-1  edge-a1 → edge-a2  ━━━━━━────  61 %  migrating`, never wider than `width` columns. */
export function renderBar(bar: Bar, width: number, color: boolean): string {
  const ink = picocolors.createColors(color);
  const ratio = Math.min(1, Math.max(0, bar.ratio));
  const cells = width >= 80 ? 24 : width >= 50 ? 10 : 0;
  const filled = Math.round(ratio * cells);
  const tint = { waiting: ink.dim, running: ink.cyan, done: ink.green, failed: ink.red }[bar.state];
  const labelRoom = Math.max(0, Math.min(36, width - cells - PERCENT_COLUMNS - 2));
  const noteRoom = Math.max(0, width - labelRoom - cells - PERCENT_COLUMNS - 2);
  const gauge = cells === 0 ? '' : `${tint('━'.repeat(filled))}${ink.dim('─'.repeat(cells - filled))}`;
  const percent = `${String(Math.floor(ratio * 100)).padStart(3)} %`;
  return `${tint(MARKS[bar.state])} ${cut(bar.label, labelRoom).padEnd(labelRoom)} ${gauge} ${percent}  ${cut(plain(`${bar.note} ${bar.detail}`), noteRoom)}`;
}

/** Columns of a blank, a blank, the percentage and two blanks. */
const PERCENT_COLUMNS = 9;

function cut(text: string, columns: number): string {
  if (text.length <= columns) return text;
  return columns === 0 ? '' : `${text.slice(0, columns - 1)}…`;
}
