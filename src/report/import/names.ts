/** What documents, claims and disks may be called. */
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** True for what can be the name of a document. */
export function isLabel(text: string): boolean {
  return LABEL.test(text);
}

/** A name of a document that is made of whatever text; `otherwise` when nothing of it is left. */
export function labelOf(text: string, otherwise: string): string {
  const label = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
  return label === '' ? otherwise : label;
}
