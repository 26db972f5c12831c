/**
 * Why a name of a tree entry is refused, or null. A name that one file system takes for another name, such as `.GIT`, `.git::$DATA`
 * or `git~1`, could smuggle a file past a review, so they are refused although Berth itself never checks files out.
 */
export function nameFault(name: string): string | null {
  if (name === '') return 'is empty';
  if (name === '.' || name === '..') return 'points to a folder';
  if (/[/\\]/.test(name)) return 'contains a slash or a backslash';
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffd]/u.test(name))
    return 'contains control or invisible characters, or is not UTF-8';
  if (/^(\.git|git~\d+)$/.test(plain(name))) return 'stands for `.git` on some file system';
  if (Buffer.byteLength(name) > 255) return 'is longer than 255 bytes';
  return null;
}

/** Equal for names that some file system takes for the same file. */
export function foldedName(name: string): string {
  return name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
}

/** As Windows reads it: no stream after a colon, no dots or blanks at the end. */
function plain(name: string): string {
  return (foldedName(name).split(':')[0] ?? '').replace(/[. ]+$/, '');
}
