import { printable, refuse } from './refuse.js';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export type Location =
  | { readonly kind: 'path'; readonly path: string }
  | {
      readonly kind: 'http';
      /** Without credentials, query and trailing slash: safe to show. */
      readonly url: string;
      readonly credentials: Credentials | null;
    };

/** Tells a path from an http(s) URL, and refuses every other way to name a repository. */
export function parseLocation(location: string): Location {
  if (/^https?:\/\//i.test(location)) return parseUrl(location);
  const shown = printable(location.replace(/\/\/[^/@]*@/, '//'));
  if (/^ssh:\/\//i.test(location) || /^[\w.-]+@[\w.-]+:/.test(location)) {
    refuse('SshNotSupported', `${shown}: repositories over ssh are not supported yet`, {
      hint: 'Use the https address of the repository, or a local clone.',
    });
  }
  if (
    location === '' ||
    location.startsWith('-') ||
    /[\p{C}]/u.test(location) ||
    /^[a-z][\w+.-]*:[:/]/i.test(location)
  ) {
    refuse('BadLocation', `\`${shown}\` is neither a path nor an http(s) address of a repository`, {
      hint: 'Write a path such as `./cluster` or an address such as `https://git.example.com/team/cluster.git`.',
    });
  }
  return { kind: 'path', path: location };
}

function parseUrl(location: string): Location {
  const url = URL.canParse(location) ? new URL(location) : null;
  if (url === null || url.hostname === '') {
    return refuse('BadLocation', 'The address of the repository is no valid URL');
  }
  const named = url.username !== '' || url.password !== '';
  return {
    kind: 'http',
    url: `${url.origin}${url.pathname.replace(/\/+$/, '')}`,
    credentials: named ? { username: decode(url.username), password: decode(url.password) } : null,
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
