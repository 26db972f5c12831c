// Names and messages come from commits, pull requests and hypervisors: none of them may speak to a terminal, to Markdown
// or to a CI runner.

/* eslint-disable no-control-regex -- matching control characters is what this is for */
const ESCAPE_SEQUENCE =
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])|\u009b[0-?]*[ -/]*[@-~]/g;
/* eslint-enable no-control-regex */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/gu;

/**
 * One line of text without terminal escapes, control characters or marks that turn the direction of writing, and which no
 * CI runner that reads the output takes for a command (`::error::…`, `##[error]…`).
 */
export function plain(text: string): string {
  return text
    .replace(ESCAPE_SEQUENCE, '')
    .replace(CONTROL, ' ')
    .trim()
    .replace(/^::/, ':\u200b:')
    .replace(/##\[/g, '#\u200b#[');
}

/** Text that Markdown shows as it is: no markup, link, mention or HTML comes alive in it. */
export function markdown(text: string): string {
  return plain(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_{}[\]()#+!|~]/g, (mark) => `\\${mark}`)
    .replace(/@(?=[A-Za-z0-9])/g, '@\u200b')
    .replace(/:\/\//g, ':\u200b//')
    .replace(/\bwww\./gi, (word) => `${word.slice(0, 3)}\u200b.`);
}

/** The message of a GitHub workflow command. */
export function commandData(text: string): string {
  return text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
}

/** A property of a GitHub workflow command. */
export function commandProperty(text: string): string {
  return commandData(text).replace(/:/g, '%3A').replace(/,/g, '%2C');
}
