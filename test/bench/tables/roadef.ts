import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { figure, run, runBench, withFolder } from '../child.js';
import type { Bench, BenchTable, TableResult } from '../command.js';
import { readText } from '../input.js';

export const challenge: BenchTable = { title: 'ROADEF/EURO 2012: total beside the best sourced', run: table };

/** Seconds for each instance: those of the challenge, and those of `--quick`. */
const SECONDS = 300;
const QUICK_SECONDS = 5;
/** Within this share of the best a total of the A set counts. */
const NEAR = 0.001;

/** Each instance that is there, in a process of its own; the scorer checks every hard constraint and tells the total. */
function table(bench: Bench): TableResult {
  const folder = join(bench.data ?? '', 'roadef2012');
  if (bench.data === null || !existsSync(join(folder, 'best-known.tsv'))) {
    return { kind: 'notRun', reason: 'there is no roadef2012/best-known.tsv (see --data)' };
  }
  const seconds = bench.quick ? QUICK_SECONDS : SECONDS;
  const rows: string[][] = [];
  let [sum, near, inA, inB] = [0, 0, 0, 0];
  for (const [name = '', originally = '', ...more] of known(join(folder, 'best-known.tsv'))) {
    const set = name.startsWith('a') ? 'A' : 'B';
    const [model, assignment] = ['model', 'assignment'].map((part) => join(folder, set, `${part}_${name}.txt.gz`));
    const best = Number(more[5]);
    if (model === undefined || assignment === undefined || !existsSync(model) || !existsSync(assignment)) continue;
    const { total, judged } = solve(bench, model, assignment, seconds);
    const gap = (100 * (total - best)) / Number(originally);
    if (set === 'A') {
      inA++;
      if (total <= best * (1 + NEAR)) near++;
    } else {
      inB++;
      sum += gap;
    }
    const above = (100 * (total - best)) / best;
    rows.push([name, String(total), judged, String(best), `${above.toFixed(3)} %`, gap.toFixed(4), `${seconds} s`]);
  }
  return {
    kind: 'table',
    head: ['instance', 'total', 'scorer says', 'best sourced', 'above best', '100·(total - best)/original', 'budget'],
    rows,
    notes: [
      `B, ${inB} instances: sum ${sum.toFixed(3)} (target 0.3: ${sum <= 0.3 ? 'reached' : 'missed'}); A: ${near} of ${inA} within 0.1 % (target 8).`,
      'recorded, not run here: winners S41 0.016 and J33 0.31 over the whole B set, in 300 s on two cores.',
    ],
  };
}

function solve(bench: Bench, model: string, assignment: string, seconds: number) {
  return withFolder((path) => {
    const limits = ['--seconds', String(seconds), '--seed', '1', '--out', path('solution')];
    const total = figure(runBench(['roadef', model, assignment, ...limits]).output, /^total (\d+)/m);
    if (bench.tools === null) return { total, judged: 'not judged' };
    writeFileSync(path('model'), readText(model));
    writeFileSync(path('assignment'), readText(assignment));
    const scorer = join(bench.tools, 'roadef_score.py');
    const ran = run('python3', [scorer, path('model'), path('assignment'), path('solution')]);
    return { total, judged: verdict(ran?.output ?? '', total) };
  });
}

/** What the scorer says about the solution: that its total is the same, another total, or the constraints that are broken. */
function verdict(output: string, total: number): string {
  const [, broken = '?'] = /'bad': \[(.*?)\]/.exec(output) ?? [];
  if (broken !== '') return `broken: ${broken.slice(0, 40)}`;
  const said = figure(output, /'total': (\d+)/);
  return said === total ? 'the same' : String(said);
}

/** The lines of the table of best totals, without its head and comments. */
function known(file: string): readonly (readonly string[])[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => /^[ab]\d?_/.test(line)).map((line) => line.split('\t'));
}
