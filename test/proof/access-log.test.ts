import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { fetchedWithin, parseAccessLog, slotTimes } from '../lab/slow-mirror/access-log.ts';

const LINE = '2026-01-01T00:00:01.000Z 2026-01-01T00:00:03.000Z 10.0.0.1 GET /pool/x.deb 200 5000000\n';
const BASE = Date.parse('2026-01-01T00:00:00Z');

describe('the access log of the lab’s repository', () => {
  it('says from when until when how much went to whom', () => {
    assert.deepEqual(parseAccessLog(LINE), [
      { begin: BASE + 1000, end: BASE + 3000, client: '10.0.0.1', path: '/pool/x.deb', bytes: 5_000_000 },
    ]);
    assert.throws(() => parseAccessLog('nothing of the kind\n'), /no line of an access log/);
  });

  it('is held against the slots of a journal: any overlap counts, and only that of the host itself', () => {
    const slots = slotTimes([
      { at: BASE + 2500, kind: 'slotTaken', host: 'web-1' },
      { at: BASE + 2600, kind: 'hostEnded', host: 'web-2' },
      { at: BASE + 9000, kind: 'hostEnded', host: 'web-1' },
    ]);
    assert.deepEqual(slots, [{ host: 'web-1', from: BASE + 2500, to: BASE + 9000 }]);
    const [slot] = slots;
    assert.ok(slot);
    const accesses = parseAccessLog(LINE);
    assert.equal(fetchedWithin(accesses, '10.0.0.1', slot).length, 1);
    assert.equal(fetchedWithin(accesses, '10.0.0.2', slot).length, 0);
    assert.equal(fetchedWithin(accesses, '10.0.0.1', { ...slot, from: BASE + 3001 }).length, 0);
    assert.throws(() => slotTimes([{ at: 1, kind: 'slotTaken', host: 'web-1' }]), /never gave its slot back/);
  });
});
