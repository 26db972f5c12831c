import { InputError } from '../command.js';

/** Reads whole numbers from a text, one after the other, without making a list of them first. */
export class NumberReader {
  private at = 0;

  constructor(
    private readonly file: string,
    private readonly text: string,
  ) {}

  /** The next number; `what` names it where it is missing. */
  next(what: string, least = 0, most = Number.MAX_SAFE_INTEGER): number {
    this.skipBlanks();
    const start = this.at;
    let value = 0;
    for (; this.at < this.text.length; this.at++) {
      const digit = this.text.charCodeAt(this.at) - 48;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (this.at === start)
      throw this.error(
        start,
        this.at >= this.text.length ? `the file ends before ${what}` : `${what} should be a number of at least 0`,
      );
    if (value < least || value > most)
      throw this.error(start, `${what} is ${value}, and should be ${least} to ${most}`);
    return value;
  }

  /** How many of something follow, each of so many numbers at least; there cannot be more than the rest of the text has room for. */
  count(what: string, numbersEach: (count: number) => number, least = 0): number {
    this.skipBlanks();
    const start = this.at;
    const count = this.next(what, least);
    // A number takes a blank and a digit at least.
    if (count * numbersEach(count) > (this.text.length - this.at) / 2)
      throw this.error(
        start,
        `${what} is ${count}, and the file is too short for that: it is cut short, or the number is wrong`,
      );
    return count;
  }

  /** Throws `InputError` when anything is left. */
  end(): void {
    this.skipBlanks();
    if (this.at < this.text.length) throw this.error(this.at, 'the file should end here');
  }

  private skipBlanks(): void {
    while (this.at < this.text.length && this.text.charCodeAt(this.at) <= 32) this.at++;
  }

  private error(at: number, message: string): InputError {
    const before = this.text.slice(0, at).split('\n');
    return new InputError(this.file, before.length, (before.at(-1)?.length ?? 0) + 1, message);
  }
}
