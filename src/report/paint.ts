import picocolors from 'picocolors';

/** The colours of a report; each function returns its text unchanged when colour is off. */
export type Paint = Pick<
  ReturnType<typeof picocolors.createColors>,
  'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'
>;

/** Colours as an argument: the terminal and the environment are not asked on this floor. */
export function paint(color: boolean): Paint {
  return picocolors.createColors(color);
}
