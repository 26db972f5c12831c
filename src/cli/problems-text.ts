import { stringify } from 'yaml';
import type { Problem } from '../model/index.js';
import { githubAnnotations, problemsSarif } from '../report/index.js';

/** Forms in which a program reads problems. */
export type DataFormat = 'json' | 'yaml' | 'sarif' | 'github';

/** True for a form that a program reads; in the others problems are told to a person. */
export function isDataFormat(format: string | undefined): format is DataFormat {
  return format === 'json' || format === 'yaml' || format === 'sarif' || format === 'github';
}

/** What was found in the documents, in the form that was asked for; every command that reads documents says it so. */
export function problemsText(format: DataFormat, problems: readonly Problem[], valid: boolean): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify({ valid, problems }, null, 2)}\n`;
    case 'yaml':
      return stringify({ valid, problems }, { aliasDuplicateObjects: false });
    case 'sarif':
      return problemsSarif(problems);
    case 'github':
      return githubAnnotations(problems);
  }
}
