import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { RebootNeeded } from '../../../../agent/platform/boot/boot.ts';
import { leastAction, type OldFiles, type OldUnit } from '../../../../agent/platform/leftovers/least-action.ts';

const nothing: OldFiles = { units: [], manager: [], sessionProcesses: 0, strays: [] };
const none: RebootNeeded = { needed: 'no', reasons: [] };
const nginx: OldUnit = { unit: 'nginx.service', handling: 'restart', files: ['/usr/lib/libssl.so.3'] };
const bus: OldUnit = { unit: 'dbus.service', handling: 'reboot', files: ['/usr/lib/libdbus-1.so.3'] };
const backup: OldUnit = { unit: 'backup.service', handling: 'passing', files: ['/usr/lib/libssl.so.3'] };

describe('the least that makes a host run what is installed', () => {
  it('is nothing where nothing old runs', () => {
    assert.deepEqual(leastAction(nothing, none), { kind: 'none' });
  });

  it('is nothing where what is old ends by itself', () => {
    assert.deepEqual(leastAction({ ...nothing, units: [backup], sessionProcesses: 4 }, none), { kind: 'none' });
  });

  it('is the restart of what is old', () => {
    assert.deepEqual(leastAction({ ...nothing, units: [nginx, backup] }, none), {
      kind: 'restart',
      restarts: { units: ['nginx.service'], manager: false },
    });
  });

  it('is no reboot for systemd itself, which can execute itself anew', () => {
    assert.deepEqual(leastAction({ ...nothing, manager: ['/usr/lib/libc.so.6'] }, none), {
      kind: 'restart',
      restarts: { units: [], manager: true },
    });
  });

  it('is a reboot where something old is never restarted, and names it', () => {
    assert.deepEqual(leastAction({ ...nothing, units: [nginx, bus] }, none), {
      kind: 'reboot',
      because: ['dbus.service runs the old /usr/lib/libdbus-1.so.3 and is never restarted'],
      restarts: { units: ['nginx.service'], manager: false },
    });
  });

  it('is a reboot where the kernel or a package wants one', () => {
    const action = leastAction(nothing, { needed: 'yes', reasons: ['kernel 1 runs, 2 is installed'] });
    assert.deepEqual(action.kind === 'reboot' && action.because, ['kernel 1 runs, 2 is installed']);
  });

  it('cannot be told where nobody knows of the kernel', () => {
    assert.equal(leastAction({ ...nothing, units: [nginx] }, { needed: 'unknown', reasons: [] }).kind, 'unknown');
  });

  const unit = fc.record({
    unit: fc.constantFrom('a.service', 'b.service', 'c.service', 'd.service'),
    handling: fc.constantFrom('restart' as const, 'reboot' as const, 'passing' as const),
    files: fc.array(fc.constantFrom('/usr/lib/x', '/usr/lib/y'), { minLength: 1, maxLength: 2 }),
  });
  const anyOld = fc.record({
    units: fc.uniqueArray(unit, { selector: (each) => each.unit }),
    manager: fc.array(fc.constant('/usr/lib/systemd/systemd'), { maxLength: 1 }),
    sessionProcesses: fc.nat(3),
    strays: fc.array(fc.constant('daemon'), { maxLength: 1 }),
  });
  const anyReboot = fc.constantFrom<RebootNeeded>(
    none,
    { needed: 'unknown', reasons: [] },
    { needed: 'yes', reasons: ['kernel'] },
  );

  it('leaves nothing old behind that could be cured, and takes no more than that (whatever runs)', () => {
    fc.assert(
      fc.property(anyOld, anyReboot, (old, reboot) => {
        const action = leastAction(old, reboot);
        const curable = old.units.filter(({ handling }) => handling === 'restart').map((each) => each.unit);
        const takesBoot =
          reboot.needed === 'yes' || old.strays.length > 0 || old.units.some(({ handling }) => handling === 'reboot');
        assert.equal(action.kind === 'reboot', takesBoot);
        if (action.kind === 'none') assert.deepEqual([curable, old.manager], [[], []]);
        else assert.deepEqual(action.restarts, { units: curable, manager: old.manager.length > 0 });
        if (action.kind === 'reboot') assert.ok(action.because.length > 0);
        if (action.kind === 'restart') assert.ok(curable.length > 0 || old.manager.length > 0);
      }),
    );
  });

  it('never grows when something old ends (whatever runs)', () => {
    const weight = { none: 0, restart: 1, unknown: 2, reboot: 3 };
    fc.assert(
      fc.property(anyOld, anyReboot, fc.nat(3), (old, reboot, index) => {
        const less = { ...old, units: old.units.filter((_, at) => at !== index), manager: [], strays: [] };
        assert.ok(weight[leastAction(less, reboot).kind] <= weight[leastAction(old, reboot).kind]);
      }),
    );
  });
});
