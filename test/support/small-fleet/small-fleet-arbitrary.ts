import fc from 'fast-check';
import type {
  SmallBalancer,
  SmallBudget,
  SmallFleet,
  SmallGroup,
  SmallHost,
  SmallService,
  Word,
} from './small-fleet.ts';

const topology = ['zone', 'rack', 'shelf'];
const ids = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'h7', 'h8'];
/** Voters that no host of the fleet is known for; one has never started. */
const strangers = ['x1', 'x2', ''];

/** The first one mostly, each of the others in a twenty-fifth of the cases or less. */
function mostly<T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> {
  return fc.constantFrom(...Array.from({ length: 24 * others.length }, () => usual), ...others);
}

/** On both sides of every limit: our last effect is 3 s old, readings count 5 s and reports 30 s. */
const age = mostly(0, 2999, 3000, 3001, 5000, 5001, 30_000, 30_001, -5000, -5001, -30_000, -30_001);
const isTrue = mostly(true, false);
const boot = mostly('this boot', 'another boot');
const level = fc.constantFrom(null, null, 'zone', 'rack', 'shelf');
const small = fc.integer({ min: 1, max: 3 });
const fewIds = fc.subarray(ids, { maxLength: 2 });

const host = fc.record({
  labels: fc.record({
    zone: fc.constantFrom('a', 'b', 'c'),
    rack: fc.constantFrom('1', '2'),
    shelf: fc.constantFrom('x', 'y'),
  }),
  model: fc.constantFrom('R640', 'R650', ''),
  slot: mostly<SmallHost['slot']>(null, 'r1', 'r2'),
  effectAge: mostly<number | null>(null, 3000),
  report: fc.option(fc.record({ age, boot, passed: isTrue }), { freq: 30 }),
  ownCheck: fc.option(fc.record({ age, passed: isTrue }), { freq: 30 }),
  shell: fc.option(fc.record({ age, boot }), { freq: 1 }),
  knownBoot: fc.constantFrom(null, 'this boot'),
});

const balancer = fc.record({
  id: fc.constantFrom('h1', 'h2', 'lb-1', 'lb-2', 'lb-3'),
  age: fc.oneof({ weight: 30, arbitrary: age }, { weight: 1, arbitrary: fc.constant(null) }),
  shows: fc.dictionary(fc.constantFrom(...ids), fc.constantFrom('draining', 'closed', 'down', 'half', null), {
    maxKeys: 2,
  }),
});

const group = fc.record({
  spare: fc.constantFrom<(number | string)[]>(0, 1, 1, 2, 'zone', 'rack'),
  witnesses: fewIds,
  leader: fc.constantFrom(0, 0, 1, 8),
  learners: mostly<readonly number[]>([], [0], [1, 2]),
  silent: mostly<readonly string[]>([], ['h1'], ['h2', 'h3'], ids),
  ages: fc.array(age, { minLength: 8, maxLength: 8 }),
  strangers: mostly<readonly string[]>([], ['x1'], ['x1', 'x2'], ['', 'x1'], ['', '']),
  /** Single words that differ from what all others say. */
  doubts: fc.array(
    fc.record({
      asked: fc.constantFrom(...ids),
      about: fc.constantFrom(...ids, ...strangers),
      word: fc.constantFrom<(Word | null)[]>(
        ...(['well', 'sick', 'behind', 'behind by who knows what', 'no voter', 'sick and no voter'] as const),
        null,
      ),
    }),
    { maxLength: 2 },
  ),
});

const service = fc.record({
  members: fc.subarray(ids, { minLength: 1 }),
  missing: mostly(0, 1, 2),
  selectedBy: fc.constantFrom<SmallService['selectedBy'][]>('ids', 'labels'),
  maxOut: small,
  oneAtATime: level,
  checked: fc.boolean(),
  kind: fc.constantFrom('plain', 'pooled', 'voting', 'both'),
  balancers: fc.uniqueArray(balancer, { minLength: 1, maxLength: 2, selector: (each) => each.id }),
  group,
});

const budget = fc.record({
  over: fc.oneof(
    fc.record({
      kind: fc.constant('services' as const),
      services: fc.constantFrom(['s1'], ['s1', 's2'], ['s2', 's3']),
    }),
    fc.record({ kind: fc.constant('model' as const), model: fc.constantFrom('R640', 'R650') }),
  ),
  maxOut: small,
  oneAtATime: level,
});

type HostDraw = typeof host extends fc.Arbitrary<infer T> ? T : never;
type ServiceDraw = typeof service extends fc.Arbitrary<infer T> ? T : never;
type GroupDraw = ServiceDraw['group'];

/** Small fleets of three to eight hosts on one to three levels, most of which is well. */
export const smallFleet: fc.Arbitrary<SmallFleet> = fc
  .record({
    levels: fc.integer({ min: 1, max: 3 }),
    hosts: fc.array(host, { minLength: 3, maxLength: ids.length }),
    services: fc.array(service, { minLength: 1, maxLength: 3 }),
    budgets: fc.array(budget, { maxLength: 1 }),
    obligations: mostly<SmallFleet['obligations']>(
      [],
      [{ host: 'h1', balancer: 'h2' }],
      [{ host: 'h3', balancer: 'lb-1' }],
    ),
  })
  .map(({ levels, hosts, services, budgets, obligations }) => {
    const known = topology.slice(0, levels);
    const present = ids.slice(0, hosts.length);
    return {
      topology: known,
      hosts: hosts.map((draw, index) => hostFrom(draw, ids[index] ?? '', known)),
      services: services.map((draw, index) => serviceFrom(draw, `s${index + 1}`, present, known)),
      budgets: budgets.map((each, index): SmallBudget => ({
        ...each,
        name: `b${index + 1}`,
        oneAtATime: on(each.oneAtATime, known),
      })),
      obligations: obligations.filter(({ host: owed }) => present.includes(owed)),
    };
  });

/** A rule by a level that this topology lacks goes by the outermost one. */
function on(wanted: string | null, levels: readonly string[]): string | null {
  return wanted === null || levels.includes(wanted) ? wanted : (levels[0] ?? null);
}

function hostFrom(draw: HostDraw, id: string, levels: readonly string[]): SmallHost {
  const labels = Object.fromEntries(Object.entries(draw.labels).filter(([key]) => levels.includes(key)));
  return { ...draw, id, labels };
}

function serviceFrom(
  draw: ServiceDraw,
  name: string,
  present: readonly string[],
  levels: readonly string[],
): SmallService {
  const found = draw.members.filter((id) => present.includes(id));
  const voting = draw.kind === 'voting' || draw.kind === 'both';
  // A group of voters has three members or more, but for the rare one that is too small.
  const members = found.length === 0 || (voting && found.length < 3 && draw.maxOut > 1) ? present : found;
  const pooled = draw.kind === 'pooled' || draw.kind === 'both';
  const { missing, selectedBy, maxOut, checked } = draw;
  return {
    ...{ name, members, missing, selectedBy, maxOut, checked, oneAtATime: on(draw.oneAtATime, levels) },
    pool: pooled ? draw.balancers.map((each) => balancerFrom(each, members)) : null,
    group: voting ? groupFrom(draw.group, members, levels) : null,
  };
}

function balancerFrom(draw: ServiceDraw['balancers'][number], members: readonly string[]): SmallBalancer {
  const shows = new Map<string, 'well' | 'draining' | 'closed' | 'down' | 'half'>();
  for (const member of members) {
    const shown = draw.shows[member] === undefined ? 'well' : draw.shows[member];
    if (shown !== null) shows.set(member, shown);
  }
  return { id: draw.id, age: draw.age, shows };
}

function groupFrom(draw: GroupDraw, members: readonly string[], levels: readonly string[]): SmallGroup {
  const learners = draw.learners.map((index) => members[index]);
  const readings = members
    .filter((asked) => !draw.silent.includes(asked))
    .map((asked, index) => ({
      asked,
      age: draw.ages[index] ?? 0,
      words: [...members, ...draw.strangers].flatMap((name) => {
        const doubt = draw.doubts.find((each) => each.asked === asked && each.about === name);
        const usual: Word = learners.includes(name) ? 'no voter' : 'well';
        const word = doubt === undefined ? usual : doubt.word;
        return word === null ? [] : [{ name, word }];
      }),
    }));
  const spare = typeof draw.spare === 'string' && !levels.includes(draw.spare) ? (levels[0] ?? 1) : draw.spare;
  return { spare, witnesses: draw.witnesses, leader: members[draw.leader] ?? null, readings };
}
