import type { Move, Plan } from '../model/index.js';
import { causeSentence, estimatePhrase, moveNote, reasoningLines, summarySentence } from './wording.js';
import { markdown } from './escape.js';
import { shortHash, timeText } from './quantity.js';

/** Longest comment that GitHub takes, in characters. */
const COMMENT_LIMIT = 65_536;
const CELL_LIMIT = 400;

interface Section {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly string[];
}

/**
 * A plan as a pull request comment of at most `limit` characters. What does not fit is cut from the end, row by row, and
 * counted; the first line lets a job find its own comment again.
 */
export function planMarkdown(plan: Plan, limit: number = COMMENT_LIMIT): string {
  const marker = `<!-- berth-plan ${plan.cluster.replace(/[^A-Za-z0-9]+/g, '-')} -->`;
  const facts = `plan \`${code(shortHash(plan.planHash))}\`, revision \`${code(shortHash(plan.baseRevision))}\`, expires ${timeText(plan.expiresAt)}`;
  const lines = [
    marker,
    `### Berth: cluster ${cell(plan.cluster)}`,
    '',
    `**${cell(summarySentence(plan))}**`,
    '',
    facts,
  ];
  const note = (count: number): string =>
    `_${count} more lines do not fit here: the whole plan is in the artifact \`plan.json\`._`;

  let room = limit - length(lines) - note(Number.MAX_SAFE_INTEGER).length - 2;
  let left = 0;
  for (const section of sectionsOf(plan)) {
    const head = ['', `#### ${section.title}`, '', ...section.head];
    if (left > 0 || length(head) + (section.rows[0]?.length ?? 0) + 1 > room) {
      left += section.rows.length;
      continue;
    }
    lines.push(...head);
    room -= length(head);
    for (const row of section.rows) {
      if (left > 0 || row.length + 1 > room) left += 1;
      else {
        lines.push(row);
        room -= row.length + 1;
      }
    }
  }
  if (left > 0) lines.push('', note(left));
  return `${lines.join('\n')}\n`;
}

function sectionsOf(plan: Plan): readonly Section[] {
  const sections: readonly Section[] = [
    {
      title: 'Checks',
      head: [],
      rows: plan.checks.map(({ name, result, message }) => `- ${name}: **${result}** ${cell(message)}`),
    },
    { title: 'Why', head: [], rows: plan.causes.map((cause) => `- ${cell(causeSentence(cause))}`) },
    {
      title: 'Moves',
      head: ['| machine | from → to | strategy | estimate | devices | why |', '| --- | --- | --- | --- | --- | --- |'],
      rows: plan.moves.map(moveRow),
    },
    {
      title: 'Refused',
      head: [],
      rows: plan.refusals.flatMap(({ machine, reason, message, advice, candidates }) => [
        `- **${cell(machine)}** ${reason}: ${cell(message)} (advice: ${advice})`,
        ...candidates.map(
          ({ host, constraint, message: why }) => `  - ${cell(host)}: ${cell(constraint)}, ${cell(why)}`,
        ),
      ]),
    },
    {
      title: 'Drift',
      head: [],
      rows: plan.drift.map(({ subject, code: name, message }) => `- ${cell(subject)} ${cell(name)}: ${cell(message)}`),
    },
  ];
  return sections.filter((section) => section.rows.length > 0);
}

function moveRow(move: Move): string {
  const devices = move.assignments.map(
    ({ claim, from, to }) => `${cell(claim)}: ${from === null ? '' : `${cell(from)} → `}${cell(to)}`,
  );
  const note = moveNote(move);
  const cells = [
    cell(move.machine),
    `${move.from === null ? '(new)' : cell(move.from)} → ${cell(move.to)}`,
    `${move.from === null ? 'start' : `${move.strategy}: ${cell(move.strategyReason)}`}${note === '' ? '' : ` (${note})`}`,
    estimatePhrase(move.estimate),
    devices.join('<br>'),
    (move.reasoning === undefined ? [] : reasoningLines(move.reasoning)).map(cell).join('<br>'),
  ];
  return `| ${cells.join(' | ')} |`;
}

function cell(text: string): string {
  return markdown(text.length > CELL_LIMIT ? `${text.slice(0, CELL_LIMIT)}…` : text);
}

/** Inside a code span nothing but the backtick is special. */
function code(text: string): string {
  return text.replace(/[^0-9A-Za-z.-]/g, '');
}

function length(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0);
}
