import { problem, type Problem } from '../../model/index.js';
import type { Resolved } from '../resolve/resolve.js';

/** Claims whose class can take no strategy that the machine allows: such a machine can be started, but never moved. */
export function strategyContradictions({ desired }: Resolved): readonly Problem[] {
  const classes = new Map(desired.deviceClasses.map((each) => [each.name, each]));
  return desired.machines.flatMap((machine) =>
    machine.claims.flatMap((claim) => {
      const deviceClass = classes.get(claim.class);
      if (deviceClass === undefined || deviceClass.strategies.some((each) => machine.strategies.includes(each)))
        return [];
      const allowed = machine.strategies.join(', ');
      return [
        problem({
          code: 'CannotMove',
          severity: 'warning',
          message: `${machine.name} can never be moved: it allows ${allowed}, the class ${claim.class} ${deviceClass.strategies.join(', ')}`,
          hint: 'let them have a strategy in common, or give the migration policy a maintenance window',
          place: claim.place,
          related: [{ message: 'the device class', place: deviceClass.place }],
        }),
      ];
    }),
  );
}
