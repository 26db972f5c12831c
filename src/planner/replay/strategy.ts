import { deviceKey } from '../../model/index.js';
import type { Problem } from '../../model/index.js';
import { violation } from './story.js';
import type { Act, Story } from './story.js';

/** Machine, policy and device classes all allow the strategy, and the devices at both ends can take it. */
export function checkStrategy(story: Story, act: Act): readonly Problem[] {
  const { move } = act;
  const machine = story.desiredMachines.get(move.machine);
  if (machine === undefined || move.from === null) return [];
  const problems: Problem[] = [];
  const { strategy, from } = move;
  const refuse = (code: string, message: string): void => void problems.push(violation(code, move, message));
  if (!machine.strategies.includes(strategy))
    refuse('StrategyNotAllowed', `${machine.name} may not move by ${strategy}`);
  if (strategy === 'cold' && !machine.sharedDisks)
    refuse('StrategyNotPossible', `the disks of ${machine.name} would stay behind on ${from}`);
  const lacking = story.hosts
    .get(from)
    ?.cpuFeatures.find((name) => !story.hosts.get(move.to)?.cpuFeatures.includes(name));
  if (strategy !== 'cold' && lacking !== undefined) {
    refuse('StrategyNotPossible', `the CPUs of ${move.to} lack ${lacking}`);
  }
  for (const assignment of move.assignments) {
    const claim = machine.claims.find((candidate) => candidate.name === assignment.claim);
    const deviceClass = story.desired.deviceClasses.find((candidate) => candidate.name === claim?.class);
    if (deviceClass !== undefined && !deviceClass.strategies.includes(strategy)) {
      refuse('StrategyNotAllowed', `devices of class ${deviceClass.name} do not move by ${strategy}`);
    }
    if (assignment.from === null) continue;
    const source = story.devices.get(deviceKey({ host: from, device: assignment.from }));
    const target = story.devices.get(deviceKey({ host: move.to, device: assignment.to }));
    if (strategy === 'vfio-live' && (source?.liveMigratable !== true || target?.liveMigratable !== true)) {
      refuse(
        'StrategyNotPossible',
        `${assignment.claim} cannot carry its state from ${assignment.from} to ${assignment.to}`,
      );
    }
    if (strategy === 'vfio-live' && (source?.vendor !== target?.vendor || source?.device !== target?.device)) {
      refuse('StrategyNotPossible', `${assignment.from} and ${assignment.to} are different models`);
    }
    if (strategy === 'failover' && source?.category !== 'network') {
      refuse('StrategyNotPossible', `${assignment.claim} is no network device, nothing can stand in for it`);
    }
  }
  return problems;
}
