import type { Event } from '../model/index.js';
import { paint } from './paint.js';
import { plain } from './escape.js';

/** Events, one a line, in the order given. */
export function eventsText(events: readonly Event[], options: { readonly color: boolean }): string {
  const ink = paint(options.color);
  const colors = { info: ink.green, warning: ink.yellow, error: ink.red };
  return events
    .map(({ timestamp, severity, involvedObject, reason, message }) => {
      const object = `${plain(involvedObject.kind)}/${plain(involvedObject.name)}`;
      return `${ink.dim(plain(timestamp))}  ${colors[severity](severity.padEnd(7))}  ${object}  ${ink.bold(plain(reason))}: ${plain(message)}\n`;
    })
    .join('');
}
