export interface Signature {
  readonly name: string;
  readonly email: string;
}

interface CommitParts {
  readonly tree: string;
  readonly parent: string | null;
  readonly author: Signature;
  readonly committer: Signature;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly message: string;
}

/** A commit object without signature. Times are in UTC. */
export function formatCommit({ tree, parent, author, committer, at, message }: CommitParts): string {
  const time = `${Math.floor(at / 1000)} +0000`;
  const head = [
    `tree ${tree}`,
    ...(parent === null ? [] : [`parent ${parent}`]),
    `author ${person(author)} ${time}`,
    `committer ${person(committer)} ${time}`,
  ];
  return `${head.join('\n')}\n\n${message}`;
}

/** Subject, blank line, trailers. Each value is kept on one line, so that no value can pose as another trailer. */
export function formatMessage(subject: string, trailers: readonly (readonly [name: string, value: string])[]): string {
  const lines = trailers.map(([name, value]) => `${name.replace(/[^\w-]/g, '')}: ${oneLine(value)}\n`);
  return `${oneLine(subject)}\n${lines.length === 0 ? '' : `\n${lines.join('')}`}`;
}

function person({ name, email }: Signature): string {
  return `${oneLine(name).replace(/[<>]/g, '')} <${oneLine(email).replace(/[<>\s]/g, '')}>`;
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}
