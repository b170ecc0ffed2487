import { durationText } from '../../../lib/duration-text.ts';
import type { ExecutorOutcome, OrderBody, RequestBody } from '../../../proto/zdms/v1/executor.ts';
import type { JournalEntry } from './executor-journal.ts';
import type { SimulatedBalancer } from './simulated-balancer.ts';
import type { SimulatedHost } from './simulated-host.ts';

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

type StepRequest = Exclude<RequestBody, { verb: 'status' }>;

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
  const failure = faults.strikes('step-fails', host.id, request.verb);
  if (failure !== null) {
    await clock.sleep(takes.poll);
    host.journal.finish(
      entry,
      {
        kind: 'failed',
        code: failure.code,
        message: failure.message ?? 'as the script says',
        evidence: host.evidence(),
      },
      clock.now(),
    );
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
    case 'fetch':
      await host.parts.clock.sleep(takes[request.verb]);
      return { kind: 'succeeded', evidence: host.evidence({ spentMs: { [request.verb]: takes[request.verb] } }) };
    case 'apply':
      return install(host, request, order.packages, entry);
    case 'rollback':
      return install(host, request, order.wayBack, entry);
    case 'reboot':
      return reboot(host, request);
    case 'verify':
      return verify(host, request, order);
    case 'pool':
      return pool(host, request);
    case 'quorum':
      return quorum(host, request);
  }
}

async function install(
  host: SimulatedHost,
  request: StepRequest,
  packages: OrderBody['packages'],
  entry: JournalEntry,
): Promise<ExecutorOutcome> {
  const verb = request.verb === 'rollback' ? 'rollback' : 'apply';
  host.parts.onEffect({ kind: verb, host: host.id, token: request.token, epoch: request.epoch });
  host.disruptedBy = 'apply';
  host.serviceRuns = false;
  await host.parts.clock.sleep(takes[verb]);
  if (!entry.ended.isOpen) {
    for (const each of packages) host.versions[each.name] = each.version;
    host.serviceRuns = verb === 'rollback' || !host.parts.faults.holds('sick-after-apply', host.id);
  }
  host.disruptedBy = null;
  return { kind: 'succeeded', evidence: host.evidence({ rebootNeeded: true, spentMs: { [verb]: takes[verb] } }) };
}

async function reboot(
  host: SimulatedHost,
  request: Extract<StepRequest, { verb: 'reboot' }>,
): Promise<ExecutorOutcome> {
  const { clock, onEffect, faults } = host.parts;
  onEffect({ kind: 'reboot', host: host.id, token: request.token, epoch: request.epoch });
  host.disruptedBy = 'reboot';
  await clock.sleep(takes.shutdown);
  host.goDown();
  if (faults.holds('never-returns', host.id)) await Promise.race([faults.healed.opened, host.powerButton]);
  await clock.sleep(takes.boot);
  host.comeUp();
  const evidence = { bootIdBefore: request.bootIdBefore };
  if (faults.holds('boots-again', host.id)) {
    const first = host.bootId;
    host.goDown();
    await clock.sleep(takes.boot);
    host.comeUpByItself();
    host.disruptedBy = null;
    const message = `boots since ${request.bootIdBefore}: ${first}, ${host.bootId}`;
    return { kind: 'failed', code: 'booted-more-than-once', message, evidence: host.evidence(evidence) };
  }
  host.disruptedBy = null;
  return { kind: 'succeeded', evidence: host.evidence(evidence) };
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
    return {
      kind: 'failed',
      code: 'versions-differ',
      message: `${wrong.name} is ${host.versions[wrong.name] ?? 'absent'}, wanted ${wrong.version}`,
      evidence: host.evidence(),
    };
  const newest = expected.find((each) => each.name === 'linux-image')?.version;
  if (request.afterReboot && newest !== undefined && host.kernel !== newest)
    return {
      kind: 'failed',
      code: 'old-kernel',
      message: `kernel ${host.kernel} runs, ${newest} is installed`,
      evidence: host.evidence(),
    };
  for (let passes = 0; passes < request.times;) {
    passes = host.isHealthy ? passes + 1 : 0;
    if (clock.now() >= until)
      return {
        kind: 'failed',
        code: 'check-failed',
        message: `no answer; gave up after ${durationText(request.withinMs)}`,
        evidence: host.evidence(),
      };
    await clock.sleep(request.intervalMs);
  }
  return { kind: 'succeeded', evidence: host.evidence({ spentMs: { checks: request.times * request.intervalMs } }) };
}

async function pool(
  host: SimulatedHost,
  request: Extract<StepRequest, { verb: 'pool' }>,
): Promise<ExecutorOutcome | null> {
  const { balancer } = host.parts;
  if (balancer === null || request.action.kind === 'show') return null;
  return request.action.kind === 'drain'
    ? drain(host, balancer, request, request.action)
    : open(host, balancer, request, request.action);
}

type PoolRequest = Extract<StepRequest, { verb: 'pool' }>;
type DrainAction = Extract<PoolRequest['action'], { kind: 'drain' }>;
type OpenAction = Extract<PoolRequest['action'], { kind: 'open' }>;

async function drain(
  host: SimulatedHost,
  balancer: SimulatedBalancer,
  request: PoolRequest,
  { server, waitMs }: DrainAction,
): Promise<ExecutorOutcome> {
  const { clock, faults, onEffect } = host.parts;
  if (balancer.adminOf(server) === 'ready' && balancer.isLast(server))
    return { kind: 'failed', code: 'last-server', message: `${server} is the last one up`, evidence: host.evidence() };
  const until = clock.now() + waitMs;
  onEffect({ kind: 'drain', host: server, token: request.token, epoch: request.epoch });
  balancer.set(server, 'drain', 'zdms');
  await clock.sleep(Math.min(takes.emptying, waitMs));
  if (!faults.drainNeverEnds(server, host.id)) balancer.emptied(server);
  while (balancer.inFlightOf(server) > 0) {
    if (clock.now() >= until)
      return {
        kind: 'failed',
        code: 'drain-timeout',
        message: `${balancer.inFlightOf(server)} in flight`,
        evidence: host.evidence(),
      };
    await clock.sleep(takes.poll);
  }
  balancer.set(server, 'maint', 'zdms');
  return { kind: 'succeeded', evidence: host.evidence({ spentMs: { drain: takes.emptying } }) };
}

async function open(
  host: SimulatedHost,
  balancer: SimulatedBalancer,
  request: PoolRequest,
  { server, restore, waitMs }: OpenAction,
): Promise<ExecutorOutcome> {
  const { clock, onEffect } = host.parts;
  const until = clock.now() + waitMs;
  onEffect({ kind: 'open', host: server, token: request.token, epoch: request.epoch });
  if (restore !== 'ready') {
    balancer.set(server, restore, 'others');
    return { kind: 'succeeded', evidence: host.evidence() };
  }
  balancer.set(server, 'drain', 'zdms');
  do {
    await clock.sleep(takes.poll);
    if (balancer.show().find((each) => each.server === server)?.up === true) {
      balancer.set(server, 'ready', 'zdms');
      return { kind: 'succeeded', evidence: host.evidence({ spentMs: { healthy: takes.poll } }) };
    }
  } while (clock.now() < until);
  return {
    kind: 'failed',
    code: 'not-healthy',
    message: `${server} did not become healthy`,
    evidence: host.evidence(),
  };
}

/** Only the leader itself can hand leadership over; where another one leads already there is nothing to do. */
async function quorum(
  host: SimulatedHost,
  request: Extract<StepRequest, { verb: 'quorum' }>,
): Promise<ExecutorOutcome | null> {
  const group = host.parts.quorum();
  const { action } = request;
  if (group === null || action.kind === 'show') return null;
  if (group.view(host.id) === null) return quorumFailure(host, 'quorum-unreachable');
  host.parts.onEffect({ kind: 'moveLeader', host: host.id, token: request.token, epoch: request.epoch });
  await host.parts.clock.sleep(takes.election);
  if (group.leader === host.id && !group.move(action.to)) return quorumFailure(host, 'leader-not-moved');
  return { kind: 'succeeded', evidence: host.evidence({ members: [...(group.view(host.id) ?? [])] }) };
}

function quorumFailure(host: SimulatedHost, code: string): ExecutorOutcome {
  return { kind: 'failed', code, message: 'the group does not do it', evidence: host.evidence() };
}
