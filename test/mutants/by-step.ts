import type { Step } from '../../controller/core/step.ts';
import type { Mutant } from './mutant.ts';

/** For each row of the step table one way to get it wrong; the type refuses a row without one. */
export const byStep: { readonly [Name in Step]: Mutant } = {
  preflight: {
    it: 'a preflight is tried for ever although it was refused',
    file: 'controller/core/next-step.ts',
    find: "return [{ kind: 'skipped', host, reason }];\n    case 'switchover'",
    replace: "return [];\n    case 'switchover'",
    caughtBy: ['test/controller/core/step-table.test.ts'],
  },
  fetch: {
    it: 'a fetch is given up at the first failure',
    file: 'controller/core/host-steps.ts',
    find: 'deadlineMs: (timing) => timing.fetchDeadlineMs,\n    attemptsMax: some',
    replace: 'deadlineMs: (timing) => timing.fetchDeadlineMs,\n    attemptsMax: once',
    caughtBy: ['test/controller/core/step-table.test.ts'],
  },
  takeOut: {
    it: 'a host is taken out before it is prepared',
    file: 'controller/core/dispatch.ts',
    find: "inPriority(rollout).filter((each) => each.state.kind === 'ready')",
    replace: 'inPriority(rollout).filter((each) => each.slotTakenAt === null)',
    caughtBy: ['test/controller/core/step-table.test.ts'],
  },
  switchover: {
    it: 'leadership counts as moved while the host still leads',
    file: 'controller/core/host-steps.ts',
    find: 'if (leader === progress.host) return `another member',
    replace: 'if (leader === null) return `another member',
    caughtBy: ['test/controller/core/voting-steps.test.ts'],
  },
  drain: {
    it: 'a drain counts as done with requests in flight',
    file: 'controller/core/host-steps.ts',
    find: 'if (server.inFlight > 0)',
    replace: 'if (server.inFlight > 1000)',
    caughtBy: ['test/controller/core/confirmation.test.ts'],
  },
  apply: {
    it: 'an apply whose end is unknown is sent again',
    file: 'controller/core/host-steps.ts',
    find: "return !['apply', 'updateFirmware', 'rollback', 'reboot', 'powerCycle'].includes(step);",
    replace: "return !['updateFirmware', 'rollback', 'reboot', 'powerCycle'].includes(step);",
    caughtBy: ['test/controller/core/step-table.test.ts'],
  },
  updateFirmware: {
    it: 'firmware of which nobody knows whether it was begun is begun again',
    file: 'controller/core/host-steps.ts',
    find: "return !['apply', 'updateFirmware', 'rollback', 'reboot', 'powerCycle'].includes(step);",
    replace: "return !['apply', 'rollback', 'reboot', 'powerCycle'].includes(step);",
    caughtBy: ['test/controller/core/machine-firmware.test.ts'],
  },
  rollback: {
    it: 'a rollback that failed is called done',
    file: 'controller/core/next-step.ts',
    find: "case 'rollback':\n    case 'reboot':\n    case 'powerCycle':\n    case 'undrain':\n    case 'settle':\n      return hold(host, step, reason);",
    replace:
      "case 'rollback':\n      return [{ kind: 'stepDone', host, step }];\n    case 'reboot':\n    case 'powerCycle':\n    case 'undrain':\n    case 'settle':\n      return hold(host, step, reason);",
    caughtBy: ['test/controller/core/step-table.test.ts'],
  },
  reboot: {
    it: 'a reboot whose end is unknown is sent again',
    file: 'controller/core/host-steps.ts',
    find: "return !['apply', 'updateFirmware', 'rollback', 'reboot', 'powerCycle'].includes(step);",
    replace: "return !['apply', 'updateFirmware', 'rollback', 'powerCycle'].includes(step);",
    caughtBy: ['test/controller/core/step-table.test.ts'],
  },
  powerCycle: {
    it: 'the power is taken from a host whose agent speaks',
    file: 'controller/core/next-step.ts',
    find: "step === 'reboot' && !lives(context);",
    replace: "step === 'reboot';",
    caughtBy: ['test/controller/core/power-cycle.test.ts'],
  },
  verify: {
    it: 'one good check proves a host',
    file: 'controller/core/host-steps.ts',
    find: 'missingPasses(checks, progress.stepSince ?? 0, timing.checksInRow,',
    replace: 'missingPasses(checks, progress.stepSince ?? 0, 1,',
    caughtBy: ['test/controller/core/confirmation.test.ts'],
  },
  undrain: {
    it: 'a server counts as back while it is down',
    file: 'controller/core/host-steps.ts',
    find: 'if (!server.up || server.weightPercent < 100) return `${balancer} to show it up',
    replace: 'if (server.weightPercent < 100) return `${balancer} to show it up',
    caughtBy: ['test/controller/core/confirmation.test.ts'],
  },
  settle: {
    it: 'a host settles by beats from before the undrain',
    file: 'controller/core/host-steps.ts',
    find: 'missingPasses(looks ?? [], progress.stepSince ?? 0,',
    replace: 'missingPasses(looks ?? [], 0,',
    caughtBy: ['test/controller/core/voting-steps.test.ts'],
  },
};
