import type { RolloutResult } from '../../controller/core/event.ts';
import type { FakeOperations } from './fake-operations.ts';
import { noon } from './world-of.ts';

/** The journal of one host that goes its whole way, `stepMs` for each step. */
export function patchHost(operations: FakeOperations, host: string, stepMs = 1_000): void {
  const steps = operations.storedPlan.hosts.find((one) => one.host === host)?.steps ?? [];
  for (const step of steps) {
    operations.now += stepMs;
    operations.happen(step === 'takeOut' ? { kind: 'slotTaken', host } : { kind: 'stepDone', host, step });
  }
  operations.happen(
    { kind: 'slotReleased', host, reason: null },
    { kind: 'hostEnded', host, ending: { kind: 'done' } },
  );
}

/** Up to the moment in which it is taken out. */
export function takeOut(operations: FakeOperations, host: string): void {
  operations.happen({ kind: 'stepDone', host, step: 'preflight' }, { kind: 'stepDone', host, step: 'fetch' });
  operations.happen({ kind: 'slotTaken', host });
  operations.slots = [host];
}

/** The rest of the way of a host that is out. */
export function finishHost(operations: FakeOperations, host: string, stepMs = 1_000): void {
  for (const step of ['drain', 'apply', 'reboot', 'verify', 'undrain', 'settle'] as const) {
    operations.now += stepMs;
    operations.happen({ kind: 'stepDone', host, step });
  }
  operations.happen(
    { kind: 'slotReleased', host, reason: null },
    { kind: 'hostEnded', host, ending: { kind: 'done' } },
  );
  operations.slots = [];
}

/** A rollout with web-1 done and web-2 out, under 41,007 good requests; web-3 waits for it. */
export function halfWay(operations: FakeOperations): void {
  operations.begin();
  operations.happen({ kind: 'stageOpened', stage: 0 });
  patchHost(operations, 'web-1');
  operations.happen({ kind: 'stageOpened', stage: 1 });
  takeOut(operations, 'web-2');
  const requests = { sent: 41_007, failed: 0, sentWhileOut: 12_345 };
  operations.happen({ kind: 'probed', service: 'web', from: noon, to: operations.now, ...requests });
  const out = { out: ['web-2'], outDomains: ['a'], notServing: [] };
  operations.reasons = new Map([
    ['web-3', { code: 'other-domain-out', group: 'web', level: 'zone', domain: 'b', ...out }],
  ]);
}

/** All hosts, one after the other, while 5,000 requests went well. */
export function finishAll(operations: FakeOperations): void {
  for (const { host } of operations.storedPlan.hosts) patchHost(operations, host);
  const requests = { sent: 9_000, failed: 0, sentWhileOut: 5_000 };
  operations.happen({ kind: 'probed', service: 'web', from: noon, to: operations.now, ...requests });
  operations.happen({ kind: 'ended', result: 'done' });
}

/** The end, with every host that is still waiting left as it was. */
export function end(operations: FakeOperations, result: RolloutResult, leftBehind: readonly string[]): void {
  const reason = { code: 'aborted', by: 'ada', after: null } as const;
  for (const host of leftBehind) operations.happen({ kind: 'skipped', host, reason });
  operations.happen({ kind: 'ended', result });
}
