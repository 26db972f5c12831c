import { expect, it } from 'vitest';
import { otherSuite } from './debian.js';

const entry = `Types: deb
# a comment
URIs: http://archive.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/key.gpg`;

it('derives the entry for another suite from the entry of the release', () => {
  const text = `${entry.replace('bookworm bookworm-updates', 'bookworm-security')}\n\n${entry}\n`;
  expect(otherSuite(text, 'bookworm', 'bookworm-backports')).toBe(
    `Types: deb
URIs: http://archive.example/debian
Suites: bookworm-backports
Components: main
Signed-By: /usr/share/keyrings/key.gpg
`,
  );
});

it('derives it from the one-line form too', () => {
  const text = `# deb http://other.example/debian bookworm main
deb-src http://archive.example/debian bookworm main
deb [arch=amd64 signed-by=/etc/apt/key.gpg] http://archive.example/debian bookworm main contrib
`;
  expect(otherSuite(text, 'bookworm', 'bookworm-backports')).toBe(
    `Types: deb
URIs: http://archive.example/debian
Suites: bookworm-backports
Components: main contrib
Signed-By: /etc/apt/key.gpg
`,
  );
});

it('finds none where the release is not mentioned', () => {
  expect(otherSuite(entry, 'trixie', 'trixie-backports')).toBeUndefined();
  expect(otherSuite('', 'trixie', 'trixie-backports')).toBeUndefined();
});
