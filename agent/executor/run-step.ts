import {
  isOnWayIn,
  type Evidence,
  type ExactPackage,
  type ExecutorOutcome,
  type OrderBody,
  type RequestBody,
} from '../../proto/zdms/v1/executor.ts';
import type { Platform } from '../platform/platform.ts';
import { StepFailure } from '../platform/step-failure.ts';
import { bootsSince } from './boot-log.ts';
import type { FailureCode } from './codes.ts';
import { bringsPackages, filesOf, firmwareOf, sparesUsers } from './order-contents.ts';
import { proveLogin } from './prove-login.ts';
import { nothingSeen, type Seen } from './seen.ts';
import type { RecordingContext } from './step-log.ts';
import type { StepTools } from './step-tools.ts';
import { updateHost } from './update-host.ts';
import { verifyHost, type VerifyRequest } from './verify-host.ts';

const MESSAGE_CHARACTERS_MAX = 4000;

/** Verbs that are carried out here; `status` only reads, `reboot` only asks systemd (`ask-reboot.ts`). */
export type WorkRequest = Exclude<RequestBody, { verb: 'status' | 'reboot' | 'compare' }>;
type PoolAction = Extract<RequestBody, { verb: 'pool' }>['action'];
type QuorumAction = Extract<RequestBody, { verb: 'quorum' }>['action'];

/** Versions of everything that the order names, now. */
export function installedOf(platform: Platform, order: OrderBody): Promise<Record<string, string | null>> {
  const names = new Set([...order.packages, ...order.wayBack].map((wanted) => wanted.name));
  return platform.packages.installed([...names]);
}

async function preflight(tools: StepTools, order: OrderBody, context: RecordingContext): Promise<void> {
  const failed = await tools.platform.units.failed();
  if (failed !== null) await tools.journal.writeFailedUnits(order, failed);
  await refuseUnplanned(tools.platform, order);
  await proveLogin(tools.platform, 'sshd-was-broken');
  if (bringsPackages(order)) await tools.platform.packages.preflight(order.packages, context);
  // After it has waited for the lock: a package manager at work forbids a shutdown, too.
  if (order.verbs.includes('reboot')) await refuseHindered(tools.platform, order);
  if (filesOf(order).length > 0) await checkFiles(tools.platform, order, context);
  if (order.filesBack !== undefined) await tools.platform.files.checkBack(order.filesBack);
  if (firmwareOf(order).length > 0) await tools.platform.firmware.check(order.plan, firmwareOf(order));
}

async function refuseHindered({ boot }: Platform, order: OrderBody): Promise<void> {
  const [first] = await boot.hindrances(sparesUsers(order));
  if (first !== undefined) throw new StepFailure(first.code, first.message);
}

/** Before its packages are there, what reads a file may not know all that is in it: then a person is told, and apply judges again. */
async function checkFiles({ files }: Platform, order: OrderBody, context: RecordingContext): Promise<void> {
  refuseTimerAndBoot(order);
  const checked = files.check(filesOf(order), context);
  if (order.packages.length === 0) return checked;
  await checked.catch((error: unknown) => {
    if (!(error instanceof StepFailure)) throw error;
    context.remark(`before its packages were there: ${error.message}`);
  });
}

function refuseTimerAndBoot(order: OrderBody): void {
  const found = order.verbs.includes('reboot') ? filesOf(order).find(isOnWayIn) : undefined;
  if (found === undefined) return;
  throw new StepFailure(
    'file-refused',
    `${found.path}: this change may reboot the host, and a boot drops the timer that puts back what closes the way in. Next: bring that file by a change of its own`,
  );
}

/** The plan was made from a survey. Where a package has moved on since, the order's way back would lead somewhere else. */
async function refuseUnplanned(platform: Platform, order: OrderBody): Promise<void> {
  const installed = await installedOf(platform, order);
  const odd = order.wayBack.find(({ name, version }) => {
    const wanted = order.packages.find((each) => each.name === name)?.version;
    return installed[name] !== version && installed[name] !== wanted;
  });
  if (odd === undefined) return;
  const found = installed[odd.name] ?? 'not installed';
  throw new StepFailure(
    'not-as-planned',
    `${odd.name} is ${found}, and the plan was made for ${odd.version}: plan again`,
  );
}

/** A mirror that has dropped an old version must not keep a host from being patched where a person has signed that off. */
function judgeWayBack(order: OrderBody, missing: readonly ExactPackage[], context: RecordingContext): void {
  if (missing.length === 0) return;
  const said = `${missing.map(({ name, version }) => `${name} ${version}`).join(', ')}: neither kept on this host nor in a repository of it`;
  if (order.wayBackRequired)
    throw new StepFailure(
      'no-way-back',
      `${said}: put the package back into one and retry, or sign it off in the change with \`wayBack: ifPossible\``,
    );
  context.remark(`no way back: ${said}`);
}

async function pool(platform: Platform, action: PoolAction, context: RecordingContext): Promise<Seen> {
  const { pool: balancer } = platform;
  switch (action.kind) {
    case 'show':
      return nothingSeen;
    case 'drain': {
      const servers = await balancer.drain(action.backend, action.server, action.waitMs, context);
      return { ...nothingSeen, servers: [...servers] };
    }
    case 'open': {
      const servers = await balancer.open(action.backend, action.server, action.restore, action.waitMs, context);
      return { ...nothingSeen, servers: [...servers] };
    }
  }
}

async function quorum(platform: Platform, action: QuorumAction, context: RecordingContext): Promise<Seen> {
  switch (action.kind) {
    case 'show':
      return nothingSeen;
    case 'moveLeader': {
      const members = await platform.quorum.moveLeader(action.to, action.waitMs, context);
      return { ...nothingSeen, members: [...members] };
    }
  }
}

/** These need the package lock, and a host that only we change. */
const patchingVerbs: readonly WorkRequest['verb'][] = ['preflight', 'fetch', 'apply', 'rollback'];

/** Updaters that nobody asked come back when the host is proven or given up early; else by themselves, see `Updaters.pause`. */
async function pauseUpdaters(
  { updaters }: Platform,
  order: OrderBody,
  { verb }: WorkRequest,
  context: RecordingContext,
): Promise<void> {
  if (!patchingVerbs.includes(verb) || !bringsPackages(order)) return;
  const paused = await updaters.pause();
  if (paused.length > 0) context.remark(`paused while this host is patched: ${paused.join(', ')}`);
}

async function putUpdatersBack(
  { updaters }: Platform,
  order: OrderBody,
  { verb }: WorkRequest,
  succeeded: boolean,
): Promise<void> {
  if (!bringsPackages(order)) return;
  const isGivenUp = !succeeded && (verb === 'preflight' || verb === 'fetch');
  if (isGivenUp || (succeeded && verb === 'verify')) await updaters.putBack();
}

async function verify(
  tools: StepTools,
  order: OrderBody,
  request: VerifyRequest,
  context: RecordingContext,
): Promise<void> {
  const { platform, journal, sessionStartedAtMs } = tools;
  // That this session could be opened is the proof itself, and it is good for a short time only.
  if (request.expect === 'packages' && filesOf(order).length > 0)
    await platform.files.confirm(order.plan, sessionStartedAtMs);
  const failed = (await journal.readFailedUnits(order)) ?? [];
  const restarted = (await journal.readRestarted(order)) ?? [];
  await verifyHost(platform, request, order, { failed, restarted }, context);
  await platform.kernelTrial.keep(context);
}

async function work(
  tools: StepTools,
  order: OrderBody,
  request: WorkRequest,
  context: RecordingContext,
): Promise<Seen> {
  const { packages } = tools.platform;
  switch (request.verb) {
    case 'preflight':
      await preflight(tools, order, context);
      return nothingSeen;
    case 'fetch':
      if (!bringsPackages(order)) return nothingSeen;
      judgeWayBack(order, await packages.fetch(order.packages, order.wayBack, context), context);
      return nothingSeen;
    case 'apply':
    case 'rollback':
      return updateHost(tools, order, request.verb, context);
    case 'verify':
      await verify(tools, order, request, context);
      return nothingSeen;
    case 'pool':
      return pool(tools.platform, request.action, context);
    case 'quorum':
      return quorum(tools.platform, request.action, context);
  }
}

async function gather(
  tools: StepTools,
  order: OrderBody,
  request: WorkRequest,
  context: RecordingContext,
  seen: Seen,
): Promise<Evidence> {
  // These steps say nothing about packages, and asking would add to the out-of-service time.
  const isBesidePackages = request.verb === 'pool' || request.verb === 'quorum';
  const versions = isBesidePackages ? {} : await installedOf(tools.platform, order).catch(() => ({}));
  return {
    bootId: await tools.platform.boot.bootId().catch(() => null),
    bootIdBefore: null,
    versions,
    ...seen,
    spentMs: { ...context.spentMs },
    remarks: [...context.remarks],
  };
}

/** A failed outcome; the message is cut to what the wire takes. */
export function failedOutcome(code: FailureCode, message: string, evidence: Evidence): ExecutorOutcome {
  return { kind: 'failed', code, message: message.slice(0, MESSAGE_CHARACTERS_MAX), evidence };
}

export const noEvidence: Evidence = {
  bootId: null,
  bootIdBefore: null,
  versions: {},
  ...nothingSeen,
  spentMs: {},
  remarks: [],
};

/** The servers as a failed pool step left them, for the controller to see what it has to undo. */
async function seenAfterFailure(tools: StepTools, request: WorkRequest): Promise<Seen> {
  if (request.verb !== 'pool') return nothingSeen;
  const servers = await tools.platform.pool.show(request.action.backend).catch(() => []);
  return { ...nothingSeen, servers: [...servers] };
}

/** Carries out one step to its end. Never throws: what goes wrong is the outcome. */
export async function runStep(
  tools: StepTools,
  order: OrderBody,
  request: WorkRequest,
  context: RecordingContext,
): Promise<ExecutorOutcome> {
  try {
    await pauseUpdaters(tools.platform, order, request, context);
    const seen = await work(tools, order, request, context);
    await putUpdatersBack(tools.platform, order, request, true);
    return { kind: 'succeeded', evidence: await gather(tools, order, request, context, seen) };
  } catch (error) {
    const code = error instanceof StepFailure ? error.code : 'internal-error';
    const message = error instanceof Error ? error.message : String(error);
    context.note(`failed: ${code}: ${message}`);
    await putUpdatersBack(tools.platform, order, request, false);
    const seen = await seenAfterFailure(tools, request);
    return failedOutcome(code, message, await gather(tools, order, request, context, seen));
  }
}

/** What a reboot became, seen from a boot that is not the one it was ordered on: exactly one boot is success. */
export async function rebootOutcome(
  tools: StepTools,
  order: OrderBody | null,
  bootIdBefore: string,
  bootId: string,
): Promise<ExecutorOutcome> {
  const boots = await bootsSince(tools.bootLogPath, bootIdBefore, bootId);
  const versions = order === null ? {} : await installedOf(tools.platform, order).catch(() => ({}));
  const evidence = { ...noEvidence, bootId, bootIdBefore, versions };
  if (boots.length === 1) return { kind: 'succeeded', evidence };
  return failedOutcome('booted-more-than-once', `boots since ${bootIdBefore}: ${boots.join(', ')}`, evidence);
}
