import picocolors from 'picocolors';
import { plain } from '../report/escape.js';
import { cut } from './table.js';
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
    const lines = renderBars(shown, width, terminal.color).map((line) => `\u001B[2K${indent}${line}\n`);
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

/** Columns of the mark, the percentage and the blanks around them. */
const FIXED_COLUMNS = 10;
/** What `migrating 1.1 of 2.0 GiB` takes: the gauge shrinks before that does. */
const TEXT_COLUMNS = 24;
/** What `1.1 of 2.0 GiB` takes: the label is cut before that is. */
const DETAIL_COLUMNS = 14;
const GAUGE_COLUMNS = { least: 4, most: 24 } as const;
const LABEL_COLUMNS = 36;

/** `▸ du-1  edge-a1 → edge-a2 ━━━━━━────  61 %  migrating 1.1 of 2.0 GiB`, one line a bar, none wider than `width` columns. */
export function renderBars(bars: readonly Bar[], width: number, color: boolean): readonly string[] {
  const longest = Math.min(LABEL_COLUMNS, Math.max(0, ...bars.map(({ label }) => label.length)));
  const label = Math.max(0, Math.min(longest, width - FIXED_COLUMNS - DETAIL_COLUMNS));
  const left = width - FIXED_COLUMNS - label;
  const room = Math.min(GAUGE_COLUMNS.most, left - TEXT_COLUMNS - 1);
  const gauge = room < GAUGE_COLUMNS.least ? 0 : room;
  const text = Math.max(0, left - (gauge === 0 ? 0 : gauge + 1));
  return bars.map((bar) => renderBar(bar, { label, gauge, text }, color));
}

interface Columns {
  readonly label: number;
  readonly gauge: number;
  readonly text: number;
}

function renderBar(bar: Bar, columns: Columns, color: boolean): string {
  const ink = picocolors.createColors(color);
  const tint = { waiting: ink.dim, running: ink.cyan, done: ink.green, failed: ink.red }[bar.state];
  const ratio = Math.min(1, Math.max(0, bar.ratio));
  const filled = Math.round(ratio * columns.gauge);
  const gauge = `${tint('━'.repeat(filled))}${ink.dim('─'.repeat(columns.gauge - filled))}`;
  const percent = `${String(Math.floor(ratio * 100)).padStart(3)} %`;
  const label = cut(bar.label, columns.label).padEnd(columns.label);
  const shown = [tint(MARKS[bar.state]), label, ...(columns.gauge === 0 ? [] : [gauge]), percent].join(' ');
  return `${shown}  ${cut(textOf(bar, columns.text), columns.text)}`;
}

/** How far it is counts more than what happens, where only one of both fits. */
function textOf({ note, detail }: Bar, columns: number): string {
  const both = plain(`${note} ${detail}`);
  return both.length > columns && detail !== '' ? plain(detail) : both;
}
