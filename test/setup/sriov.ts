import { Apt, mayInstall } from './debian.js';
import { missingForNested } from '../lab/requirements.js';

/** Packages that only the lab of nested hosts needs besides those of the other labs. */
const packages = ['mmdebstrap', 'e2fsprogs', 'openssh-client'];

/** Installs what the lab of nested hosts needs besides, where that is possible. What remains missing is told by `lacking`. */
export function prepareSriovLab(): void {
  if (missingForNested().length === 0 || !mayInstall()) return;
  const apt = new Apt();
  try {
    if (!apt.update()) return;
    console.error(`installing from Debian packages: ${packages.join(' ')}`);
    apt.install(packages);
  } finally {
    apt.dispose();
  }
}
