import type { Action } from './event.ts';
import { begunKey, firmwareKey, machineFirmware, type MachineFirmware, writtenKey } from './firmware.ts';
import type { HostProgress, Rollout } from './rollout.ts';

interface Context {
  readonly rollout: Rollout;
  readonly progress: HostProgress;
}

/** What the machine's management controller is to write for this host. */
export function firmwareOfMachine({ rollout, progress }: Context): readonly MachineFirmware[] {
  return machineFirmware(rollout.plan.hosts.find(({ host }) => host === progress.host)?.firmware);
}

/** Before the host costs anything: is it still what the plan found? */
export function checksOfFirmware(context: Context): ReadonlyMap<string, Action> {
  const firmware = firmwareOfMachine(context);
  return firmware.length === 0 ? new Map() : new Map([[firmwareKey, { kind: 'checkFirmware', firmware }]]);
}

/**
 * One after the other, as management controllers want it. To begin is an order of its own, so that what works at it is in the journal: a
 * controller that takes over goes on waiting for it.
 */
export function writesOfFirmware(context: Context): ReadonlyMap<string, Action> {
  const { outcomes } = context.progress;
  for (const each of firmwareOfMachine(context)) {
    const begun = outcomes.get(begunKey(each.device))?.outcome;
    if (begun?.kind !== 'succeeded') return new Map([[begunKey(each.device), { kind: 'beginFirmware', ...each }]]);
    const { task } = begun.evidence;
    if (typeof task !== 'string') continue;
    const { device, version } = each;
    if (outcomes.get(writtenKey(device))?.outcome.kind !== 'succeeded')
      return new Map([[writtenKey(device), { kind: 'awaitFirmware', device, version, task }]]);
  }
  return new Map();
}

/**
 * Where it was begun, and the boot that it may need is behind it: that it was written is one thing, that the machine runs it another. A
 * host that has to go back to its users before that boot is not asked.
 */
export function proofsOfFirmware(context: Context): ReadonlyMap<string, Action> {
  const { firmwareBegun, rebootedAt, host } = context.progress;
  const reboots = context.rollout.plan.hosts.some((each) => each.host === host && each.reboot);
  if (!firmwareBegun || (reboots && rebootedAt === null)) return new Map();
  return new Map([[firmwareKey, { kind: 'proveFirmware', firmware: firmwareOfMachine(context) }]]);
}
