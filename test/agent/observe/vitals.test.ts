import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  VitalsReader,
  cpuBusyPercent,
  parseCpuTicks,
  parseLoad1,
  parseMemory,
  parsePressure,
} from '../../../agent/observe/vitals.ts';

const STAT = `cpu  4705 356 584 3699176 23060 0 277 10 5 0
cpu0 2000 100 300 1849588 11530 0 100 5 2 0
intr 114930548 113199788 3 0 5
ctxt 1990473
btime 1062191376
`;

const MEMINFO = `MemTotal:        8152516 kB
MemFree:         1033108 kB
MemAvailable:    6207632 kB
Buffers:          212340 kB
HugePages_Total:       0
`;

const PRESSURE = `some avg10=1.53 avg60=0.87 avg300=0.40 total=8352291
full avg10=0.00 avg60=0.00 avg300=0.00 total=0
`;

describe('vitals', () => {
  it('take the one-minute load from /proc/loadavg', () => {
    assert.equal(parseLoad1('0.35 0.38 0.23 2/124 7513\n'), 0.35);
    assert.equal(parseLoad1(''), 0);
  });

  it('count idle and iowait as not busy, and guest time once', () => {
    const ticks = parseCpuTicks(STAT);
    assert.deepEqual(ticks, { busy: 4705 + 356 + 584 + 277 + 10, total: 3_728_168 });
    assert.equal(parseCpuTicks('intr 1 2 3\n'), null);
  });

  it('give the busy share between two readings', () => {
    assert.equal(cpuBusyPercent({ busy: 100, total: 1000 }, { busy: 150, total: 1200 }), 25);
    assert.equal(cpuBusyPercent(null, { busy: 150, total: 1200 }), 0);
    assert.equal(cpuBusyPercent({ busy: 150, total: 1200 }, { busy: 150, total: 1200 }), 0);
  });

  it('take memory from /proc/meminfo, in bytes', () => {
    assert.deepEqual(parseMemory(MEMINFO), { totalBytes: 8_152_516 * 1024, availableBytes: 6_207_632 * 1024 });
    assert.deepEqual(parseMemory(''), { totalBytes: 0, availableBytes: 0 });
  });

  it('take pressure from PSI, and say -1 where the kernel has none', () => {
    assert.equal(parsePressure(PRESSURE), 1.53);
    assert.equal(parsePressure(null), -1);
  });

  it('are there even where /proc hides everything', async () => {
    const vitals = await new VitalsReader('/nowhere').read();
    assert.equal(vitals.memoryTotalBytes, 0);
    assert.equal(vitals.cpuPressure, -1);
    assert.ok(Number(vitals.rootTotalBytes) > 0);
  });
});
