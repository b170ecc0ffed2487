import { durationText } from '../../../lib/duration-text.ts';
import type { Evidence, ExecutorOutcome, OrderBody, RequestBody } from '../../../proto/zdms/v1/executor.ts';
import type { JournalEntry } from './executor-journal.ts';
import type { SimulatedBalancer } from './simulated-balancer.ts';
import type { Effect, SimulatedHost } from './simulated-host.ts';

/** What the steps of a simulated host take (ms). */
export const takes = {
  preflight: 300,
  fetch: 1500,
  apply: 3000,
  rollback: 2500,
  shutdown: 800,
  boot: 5000,
  emptying: 700,
  poll: 250,
  election: 150,
} as const;

type StepRequest = Exclude<RequestBody, { verb: 'status' | 'compare' }>;

/** Does the work of one step and writes its end into the journal. */
export async function runStep(
  host: SimulatedHost,
  request: StepRequest,
  order: OrderBody,
  entry: JournalEntry,
): Promise<void> {
  const { faults, clock } = host.parts;
  if (faults.strikes('step-interrupted', host.id, request.verb) !== null) {
    await clock.sleep(takes.poll);
    host.journal.interrupt(entry);
    return;
  }
  const struck = faults.strikes('step-fails', host.id, request.verb);
  if (struck !== null) {
    await clock.sleep(takes.poll);
    host.journal.finish(entry, failure(host, struck.code, struck.message ?? 'as the script says'), clock.now());
    return;
  }
  const outcome = await work(host, request, order, entry);
  if (outcome !== null) host.journal.finish(entry, outcome, clock.now());
}

/** Null: it never ends. */
async function work(
  host: SimulatedHost,
  request: StepRequest,
  order: OrderBody,
  entry: JournalEntry,
): Promise<ExecutorOutcome | null> {
  switch (request.verb) {
    case 'preflight':
      await host.parts.clock.sleep(takes.preflight);
      return preflight(host, order);
    case 'fetch':
      await host.parts.clock.sleep(takes.fetch);
      return { kind: 'succeeded', evidence: host.evidence({ spentMs: { fetch: takes.fetch } }) };
    case 'apply':
      return install(host, request, order, entry);
    case 'rollback':
      return install(host, request, order, entry);
    case 'reboot':
      return reboot(host, request, order);
    case 'verify':
      return verify(host, request, order);
    case 'pool':
      return pool(host, request, order, entry);
    case 'quorum':
      return quorum(host, request, order, entry);
  }
}

function tellEffect(
  host: SimulatedHost,
  { token, epoch }: StepRequest,
  { plan }: OrderBody,
  effect: Pick<Effect, 'kind' | 'host'> & Partial<Effect>,
): void {
  host.parts.onEffect({ by: host.id, token, epoch, plan, restore: null, ...effect });
}

/** Another rollout may have been here since the plan was made. */
function preflight(host: SimulatedHost, order: OrderBody): ExecutorOutcome {
  const odd = order.packages.find(
    (each, index) =>
      host.versions[each.name] !== each.version && host.versions[each.name] !== order.wayBack[index]?.version,
  );
  if (odd !== undefined)
    return failure(host, 'not-as-planned', `${odd.name} is ${host.versions[odd.name] ?? 'absent'}`);
  return { kind: 'succeeded', evidence: host.evidence({ spentMs: { preflight: takes.preflight } }) };
}

function failure(host: SimulatedHost, code: string, message: string): ExecutorOutcome {
  return { kind: 'failed', code, message, evidence: host.evidence() };
}

async function install(
  host: SimulatedHost,
  request: StepRequest,
  order: OrderBody,
  entry: JournalEntry,
): Promise<ExecutorOutcome> {
  const verb = request.verb === 'rollback' ? 'rollback' : 'apply';
  tellEffect(host, request, order, { kind: verb, host: host.id });
  host.disruptedBy = 'apply';
  host.serviceRuns = false;
  await host.parts.clock.sleep(takes[verb]);
  if (!entry.ended.isOpen) {
    for (const each of verb === 'rollback' ? order.wayBack : order.packages) host.versions[each.name] = each.version;
    host.serviceRuns = verb === 'rollback' || !host.parts.faults.holds('sick-after-apply', host.id);
  }
  host.disruptedBy = null;
  return { kind: 'succeeded', evidence: host.evidence({ ...finish(host, order), spentMs: { [verb]: takes[verb] } }) };
}

/** A host that knows who runs what restarts that where it will do. */
function finish({ uses }: SimulatedHost, { packages, restarts }: OrderBody): Partial<Evidence> {
  if (uses === null) return { rebootNeeded: true };
  const mine = packages.flatMap(({ name }) => uses[name] ?? []);
  const rebootNeeded = mine.some(({ rebootBecause }) => rebootBecause !== '');
  if (rebootNeeded || restarts !== 'always') return { rebootNeeded };
  return { rebootNeeded, restarted: [...new Set(mine.flatMap(({ usedBy }) => usedBy))].sort() };
}

async function reboot(
  host: SimulatedHost,
  request: Extract<StepRequest, { verb: 'reboot' }>,
  order: OrderBody,
): Promise<ExecutorOutcome> {
  const { clock, faults } = host.parts;
  tellEffect(host, request, order, { kind: 'reboot', host: host.id });
  host.disruptedBy = 'reboot';
  await clock.sleep(takes.shutdown);
  host.goDown();
  if (faults.holds('never-returns', host.id)) await Promise.race([faults.healed.opened, host.powerButton]);
  const late = faults.find('returns-late', host.id);
  if (late !== null) await Promise.race([clock.sleep(late.afterMs), faults.healed.opened, host.powerButton]);
  await clock.sleep(takes.boot);
  host.comeUp();
  return bootOutcome(host, request.bootIdBefore);
}

/** One that boots again before anybody could ask has booted more than once; one that takes longer was well for a moment. */
async function bootOutcome(host: SimulatedHost, bootIdBefore: string): Promise<ExecutorOutcome> {
  const { clock, faults } = host.parts;
  const again = faults.find('boots-again', host.id);
  const afterMs = again?.afterMs ?? 0;
  if (again === null || afterMs > 0) {
    host.disruptedBy = null;
    if (again !== null) void clock.sleep(afterMs).then(() => host.losePower(takes.boot));
    return { kind: 'succeeded', evidence: host.evidence({ bootIdBefore }) };
  }
  const first = host.bootId;
  host.goDown();
  await clock.sleep(takes.boot);
  host.comeUpByItself();
  host.disruptedBy = null;
  const message = `boots since ${bootIdBefore}: ${first}, ${host.bootId}`;
  return { kind: 'failed', code: 'booted-more-than-once', message, evidence: host.evidence({ bootIdBefore }) };
}

async function verify(
  host: SimulatedHost,
  request: Extract<StepRequest, { verb: 'verify' }>,
  order: OrderBody,
): Promise<ExecutorOutcome> {
  const { clock } = host.parts;
  const until = clock.now() + request.withinMs;
  const expected = request.expect === 'packages' ? order.packages : order.wayBack;
  const wrong = expected.find((each) => host.versions[each.name] !== each.version);
  if (wrong !== undefined)
    return failure(
      host,
      'versions-differ',
      `${wrong.name} is ${host.versions[wrong.name] ?? 'absent'}, wanted ${wrong.version}`,
    );
  const newest = expected.find((each) => each.name === 'linux-image')?.version;
  if (request.afterReboot && newest !== undefined && host.kernel !== newest)
    return failure(host, 'old-kernel', `kernel ${host.kernel} runs, ${newest} is installed`);
  for (let passes = 0; passes < request.times;) {
    passes = host.isHealthy ? passes + 1 : 0;
    if (clock.now() >= until)
      return failure(host, 'check-failed', `no answer; gave up after ${durationText(request.withinMs)}`);
    await clock.sleep(request.intervalMs);
  }
  return { kind: 'succeeded', evidence: host.evidence({ spentMs: { checks: request.times * request.intervalMs } }) };
}

async function pool(
  host: SimulatedHost,
  request: Extract<StepRequest, { verb: 'pool' }>,
  order: OrderBody,
  entry: JournalEntry,
): Promise<ExecutorOutcome | null> {
  const { balancer } = host.parts;
  const { action } = request;
  if (balancer === null || action.kind === 'show') return null;
  const outcome = balancer.has(action.server)
    ? await movePool({ host, balancer, request, order, entry }, action)
    : failure(host, 'no-such-server', `${action.server} is no server of ${action.backend}`);
  return { ...outcome, evidence: { ...outcome.evidence, servers: balancer.show(action.backend) } };
}

interface PoolWork {
  readonly host: SimulatedHost;
  readonly balancer: SimulatedBalancer;
  readonly request: PoolRequest;
  readonly order: OrderBody;
  /** Once it has ended (the host went down) the work does nothing more. */
  readonly entry: JournalEntry;
}
type PoolRequest = Extract<StepRequest, { verb: 'pool' }>;
type DrainAction = Extract<PoolRequest['action'], { kind: 'drain' }>;
type OpenAction = Extract<PoolRequest['action'], { kind: 'open' }>;

function movePool(work: PoolWork, action: DrainAction | OpenAction): Promise<ExecutorOutcome> {
  return action.kind === 'drain' ? drain(work, action) : open(work, action);
}

async function drain(
  { host, balancer, request, order, entry }: PoolWork,
  { server, waitMs }: DrainAction,
): Promise<ExecutorOutcome> {
  const { clock, faults } = host.parts;
  if (balancer.adminOf(server) === 'ready' && balancer.isLast(server))
    return failure(host, 'last-server', `${server} is the last one up`);
  const until = clock.now() + waitMs;
  tellEffect(host, request, order, { kind: 'drain', host: server });
  balancer.set(server, 'drain', 'zdms');
  await clock.sleep(Math.min(takes.emptying, waitMs));
  if (faults.find('drain-never-ends', server, host.id) === null) balancer.emptied(server);
  while (balancer.inFlightOf(server) > 0 && !entry.ended.isOpen) {
    if (clock.now() >= until) return failure(host, 'drain-timeout', `${balancer.inFlightOf(server)} in flight`);
    await clock.sleep(takes.poll);
  }
  if (!entry.ended.isOpen) balancer.set(server, 'maint', 'zdms');
  return { kind: 'succeeded', evidence: host.evidence({ spentMs: { drain: takes.emptying } }) };
}

async function open(
  { host, balancer, request, order, entry }: PoolWork,
  { server, restore, waitMs }: OpenAction,
): Promise<ExecutorOutcome> {
  const { clock } = host.parts;
  const until = clock.now() + waitMs;
  tellEffect(host, request, order, { kind: 'open', host: server, restore });
  if (restore !== 'ready') {
    balancer.set(server, restore, 'others');
    return { kind: 'succeeded', evidence: host.evidence() };
  }
  balancer.set(server, 'drain', 'zdms');
  do {
    await clock.sleep(takes.poll);
    if (!entry.ended.isOpen && balancer.seesUp(server)) {
      balancer.set(server, 'ready', 'zdms');
      return { kind: 'succeeded', evidence: host.evidence({ spentMs: { healthy: takes.poll } }) };
    }
  } while (clock.now() < until);
  return failure(host, 'not-healthy', `${server} did not become healthy`);
}

/** Only the leader itself can hand leadership over; where another one leads already there is nothing to do. */
async function quorum(
  host: SimulatedHost,
  request: Extract<StepRequest, { verb: 'quorum' }>,
  order: OrderBody,
  entry: JournalEntry,
): Promise<ExecutorOutcome | null> {
  const group = host.parts.quorum();
  const { action } = request;
  if (group === null || action.kind === 'show') return null;
  if (group.view(host.id) === null) return failure(host, 'quorum-unreachable', 'the group does not answer');
  tellEffect(host, request, order, { kind: 'moveLeader', host: host.id });
  await host.parts.clock.sleep(takes.election);
  if (!entry.ended.isOpen && group.leader === host.id && !group.move(action.to))
    return failure(host, 'leader-not-moved', 'the group does not do it');
  return { kind: 'succeeded', evidence: host.evidence({ members: [...(group.view(host.id) ?? [])] }) };
}
