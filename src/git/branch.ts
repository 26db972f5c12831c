import { printable, refuse } from './refuse.js';

/** The full ref of a branch, such as `refs/heads/main`; a name that git would not accept, or that leaves `refs/heads`, is refused. */
export function branchRef(branch: string): string {
  if (!isBranchName(branch)) {
    refuse('BadRef', `\`${printable(branch)}\` is no branch name`, {
      hint: 'Name the branch alone, such as `main` or `berth/status`, without `refs/heads/`.',
    });
  }
  return `refs/heads/${branch}`;
}

function isBranchName(branch: string): boolean {
  const wrongAnywhere = /[\p{C}\s~^:?*[\\\ufffd]|\.\.|@\{|\/\/|^-|^@$|^HEAD$|^refs\/|^\/|[/.]$/u;
  const wrongPart = (part: string): boolean => part.startsWith('.') || part.endsWith('.lock');
  return branch !== '' && branch.length <= 200 && !wrongAnywhere.test(branch) && !branch.split('/').some(wrongPart);
}
