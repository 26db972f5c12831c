import { problem, type Place, type Problem } from '../../model/index.js';
import type { DocumentOf, Kind } from '../../model/kinds.generated.js';
import { placeOf, type Checked } from '../check/check.js';
import { suggestion } from '../check/spelling.js';
import { roleName } from './built-in-roles.js';

type OfKind<K extends Kind> = Checked<DocumentOf<K>>;

/** The documents of one cluster by kind and name. */
export class Catalog {
  private readonly kinds = new Map<Kind, Map<string, Checked>>();

  constructor(
    documents: readonly Checked[],
    /** Collects what is found to be wrong on the way. */
    readonly problems: Problem[],
  ) {
    for (const checked of documents) this.add(checked);
  }

  all<K extends Kind>(kind: K): readonly OfKind<K>[] {
    return [...(this.kinds.get(kind)?.values() ?? [])] as OfKind<K>[];
  }

  find<K extends Kind>(kind: K, name: string): OfKind<K> | undefined {
    return this.kinds.get(kind)?.get(name) as OfKind<K> | undefined;
  }

  names(kind: Kind): readonly string[] {
    return [...(this.kinds.get(kind)?.keys() ?? [])];
  }

  /** Where a part of a document is written; null when there is no such document. */
  place(kind: Kind, name: string, pointer: string): Place | null {
    const checked = this.kinds.get(kind)?.get(name);
    return checked === undefined ? null : placeOf(checked, pointer);
  }

  /** Takes note when there is no document of the kind with the name that `from` refers to. */
  refer(kind: Kind, name: string, from: Checked, pointer: string, more: readonly string[] = []): void {
    if (this.find(kind, name) !== undefined || more.includes(name)) return;
    const hint = suggestion(name, [...this.names(kind), ...more], `write a ${kind} document of that name`);
    this.problem('UnknownReference', `there is no ${kind} "${name}"`, hint, placeOf(from, pointer));
  }

  problem(code: string, message: string, hint: string, place: Place, related: Problem['related'] = []): void {
    this.problems.push(problem({ code, message, hint, place, related }));
  }

  warning(code: string, message: string, hint: string, place: Place, related: Problem['related'] = []): void {
    this.problems.push(problem({ code, message, hint, place, related, severity: 'warning' }));
  }

  private add(checked: Checked): void {
    const { kind, metadata } = checked.document;
    const names = this.kinds.get(kind) ?? new Map<string, Checked>();
    this.kinds.set(kind, names);
    const name = kind === 'RoleProfile' ? roleName(metadata.name) : metadata.name;
    const first = names.get(name);
    if (first === undefined) names.set(name, checked);
    else this.duplicate(checked, first);
  }

  private duplicate(checked: Checked, first: Checked): void {
    const { kind, metadata } = checked.document;
    const related = [{ message: 'the other one', place: placeOf(first, '/metadata/name') }];
    const message = `there are two documents ${kind} "${metadata.name}"`;
    this.problem('DuplicateName', message, 'rename or remove one of them', placeOf(checked, '/metadata/name'), related);
  }
}

/** Takes note of a second entry of a list that has the name of an earlier one. */
export function uniqueNames(
  catalog: Catalog,
  from: Checked,
  pointer: string,
  names: readonly string[],
  field: string,
): void {
  names.forEach((name, index) => {
    const first = names.indexOf(name);
    if (first === index) return;
    const related = [{ message: 'the other one', place: placeOf(from, `${pointer}/${first}/${field}`) }];
    const place = placeOf(from, `${pointer}/${index}/${field}`);
    catalog.problem('DuplicateName', `"${name}" is there twice`, 'rename or remove one of them', place, related);
  });
}
