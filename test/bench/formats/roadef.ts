import type { Instance, Rule } from '../../../src/planner/engine/instance.js';
import { foldDistances } from './roadef-distance.js';
import { NumberReader } from './roadef-reader.js';

/** A file and its text, for messages that name the place of an error. */
export interface Source {
  readonly file: string;
  readonly text: string;
}

/**
 * Reads an instance of the ROADEF/EURO challenge 2012 (machine reassignment; "problem_definition_v1.pdf", chapter 2): what is called a
 * machine there is a host here, a process a machine, a service a group. Throws `InputError`.
 */
export function parseRoadef(model: Source, assignment: Source): Instance {
  const reader = new NumberReader(model.file, model.text);
  const resources = reader.count('the number of resources', () => 2, 1);
  const transient = new Uint8Array(resources);
  const loadWeight = new Float64Array(resources);
  for (let r = 0; r < resources; r++) {
    transient[r] = reader.next('whether a resource is transient', 0, 1);
    loadWeight[r] = reader.next('the weight of a load cost');
  }
  const { hosts, capacity, soft, neighbourhood, location, distances } = readHosts(reader, resources);
  const services = readServices(reader);
  const machines = reader.count('the number of processes', () => 2 + resources);
  const demand = new Float64Array(machines * resources);
  const serviceOf = new Int32Array(machines);
  const moved = new Float64Array(machines);
  for (let machine = 0; machine < machines; machine++) {
    serviceOf[machine] = reader.next('the service of a process', 0, services.length - 1);
    for (let r = 0; r < resources; r++) demand[machine * resources + r] = reader.next('a requirement');
    moved[machine] = reader.next('the cost of moving a process');
  }
  const balance = Array.from({ length: reader.count('the number of balance costs', () => 4) }, () => ({
    first: reader.next('a resource', 0, resources - 1),
    second: reader.next('a resource', 0, resources - 1),
    target: reader.next('the target of a balance cost'),
    weight: reader.next('the weight of a balance cost'),
  }));
  const [moveWeight, serviceWeight, distanceWeight] = [
    reader.next('the weight of process moves'),
    reader.next('the weight of service moves'),
    reader.next('the weight of machine moves'),
  ];
  reader.end();
  const units = (of: Int32Array) => ({ of, count: of.reduce((most, unit) => Math.max(most, unit + 1), 0) });
  return {
    hosts,
    places: hosts,
    machines,
    resources,
    hostOf: Int32Array.from({ length: hosts }, (_, host) => host),
    origin: readAssignment(assignment, machines, hosts),
    fixed: new Uint8Array(machines),
    demand,
    capacity,
    base: new Float64Array(hosts * resources),
    transient,
    unary: null,
    rules: rulesOf(services, serviceOf),
    domains: [
      { of: Int32Array.from({ length: hosts }, (_, host) => host), count: hosts },
      units(location),
      units(neighbourhood),
      { of: distances.classOf, count: distances.classes },
    ],
    objectives: {
      excess: {
        soft,
        weight: Float64Array.from({ length: hosts * resources }, (_, at) => loadWeight[at % resources] ?? 0),
      },
      balance,
      deviation: [],
      quadratic: [],
      company: [],
      moved: moved.map((cost) => cost * moveWeight),
      movedTogether: { groupOf: serviceOf, groups: services.length, weight: serviceWeight },
      crossing: { domain: DISTANCE, table: distances.table, weight: distanceWeight },
      opened: null,
      slots: [],
      unplaced: null,
    },
  };
}

/** Numbers of the domains: each host, locations, neighbourhoods, hosts at the same distances. */
const HOST = 0;
const LOCATION = 1;
const NEIGHBOURHOOD = 2;
const DISTANCE = 3;

/** An assignment in the challenge's form: the host of each machine, in one line. */
export function roadefText(assignment: Int32Array): string {
  return `${assignment.join(' ')}\n`;
}

interface Service {
  readonly least: number;
  readonly needs: ReadonlySet<number>;
}

function readHosts(reader: NumberReader, resources: number) {
  const hosts = reader.count('the number of machines', (count) => 2 + 2 * resources + count, 1);
  const neighbourhood = new Int32Array(hosts);
  const location = new Int32Array(hosts);
  const capacity = new Float64Array(hosts * resources);
  const soft = new Float64Array(hosts * resources);
  let pairs: Uint16Array | Int32Array = new Uint16Array(hosts * hosts);
  for (let host = 0; host < hosts; host++) {
    neighbourhood[host] = reader.next('a neighbourhood', 0, 1e6);
    location[host] = reader.next('a location', 0, 1e6);
    for (let r = 0; r < resources; r++) capacity[host * resources + r] = reader.next('a capacity');
    for (let r = 0; r < resources; r++) soft[host * resources + r] = reader.next('a safety capacity');
    for (let other = 0; other < hosts; other++) {
      const distance = reader.next('a machine move cost', 0, 0x7fffffff);
      if (distance > 0xffff && pairs instanceof Uint16Array) pairs = Int32Array.from(pairs);
      pairs[host * hosts + other] = distance;
    }
  }
  return { hosts, capacity, soft, neighbourhood, location, distances: foldDistances(hosts, pairs) };
}

function readServices(reader: NumberReader): readonly Service[] {
  const count = reader.count('the number of services', () => 2);
  return Array.from({ length: count }, () => {
    const least = reader.next('the spread of a service');
    const needs = new Set<number>();
    for (let left = reader.count('the number of dependencies', () => 1); left > 0; left--) {
      needs.add(reader.next('a dependency', 0, count - 1));
    }
    return { least, needs };
  });
}

/** The sets of one service are one array, so that all rules about it share their counts. */
function rulesOf(services: readonly Service[], serviceOf: Int32Array): readonly Rule[] {
  const members = services.map((): number[] => []);
  serviceOf.forEach((service, machine) => members[service]?.push(machine));
  const sets = members.map((list) => Int32Array.from(list));
  const rules: Rule[] = [];
  services.forEach(({ least, needs }, service) => {
    const set = sets[service];
    if (set === undefined || set.length === 0) return;
    if (set.length > 1) rules.push({ kind: 'apart', members: set, domain: HOST, most: 1 });
    if (least > 1) rules.push({ kind: 'atLeast', members: set, domain: LOCATION, least });
    for (const leader of needs) {
      if (leader !== service)
        rules.push({ kind: 'follow', members: set, leaders: sets[leader] ?? set, domain: NEIGHBOURHOOD });
    }
  });
  return rules;
}

function readAssignment({ file, text }: Source, machines: number, hosts: number): Int32Array {
  const reader = new NumberReader(file, text);
  const assignment = Int32Array.from({ length: machines }, () => reader.next('the machine of a process', 0, hosts - 1));
  reader.end();
  return assignment;
}
