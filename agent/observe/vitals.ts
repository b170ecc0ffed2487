import { readFile, statfs } from 'node:fs/promises';
import type { Vitals } from '../../proto/generated/zdms/v1/Vitals.ts';

/** Ticks of all processors since boot, from the first line of /proc/stat. */
export interface CpuTicks {
  readonly busy: number;
  readonly total: number;
}

/** PSI is absent from kernels built without it, and the wire says so by this. */
const NO_PRESSURE = -1;

/** The one-minute load of /proc/loadavg; 0 when the text is not one. */
export function parseLoad1(text: string): number {
  const load = Number.parseFloat(text);
  return Number.isFinite(load) ? load : 0;
}

/** Null when the text has no `cpu` line. Idle is idle and iowait; guest time is already inside user time. */
export function parseCpuTicks(text: string): CpuTicks | null {
  const line = /^cpu +(.+)$/m.exec(text)?.[1];
  if (line === undefined) return null;
  const ticks = line.split(/\s+/).slice(0, 8).map(Number);
  const total = ticks.reduce((sum, tick) => sum + tick, 0);
  return { busy: total - (ticks[3] ?? 0) - (ticks[4] ?? 0), total };
}

/** Share of processor time that was busy between two readings, 0 to 100; 0 without a span to judge. */
export function cpuBusyPercent(before: CpuTicks | null, after: CpuTicks | null): number {
  if (before === null || after === null || after.total <= before.total) return 0;
  const share = (after.busy - before.busy) / (after.total - before.total);
  return Math.min(100, Math.max(0, share * 100));
}

/** Bytes of memory in the machine and free for use, from /proc/meminfo; 0 where a line is missing. */
export function parseMemory(text: string): { readonly totalBytes: number; readonly availableBytes: number } {
  return { totalBytes: memoryLine(text, 'MemTotal'), availableBytes: memoryLine(text, 'MemAvailable') };
}

function memoryLine(text: string, name: string): number {
  const kibibytes = new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text)?.[1];
  return kibibytes === undefined ? 0 : Number(kibibytes) * 1024;
}

/** Percent of the last ten seconds in which some task waited for the resource (PSI); -1 when the kernel has none. */
export function parsePressure(text: string | null): number {
  const average = /^some avg10=([\d.]+)/m.exec(text ?? '')?.[1];
  return average === undefined ? NO_PRESSURE : Number(average);
}

/** Reads a host's vitals from /proc, with no child process. It remembers the processor's ticks, so the first reading says 0 % busy. */
export class VitalsReader {
  readonly #proc: string;
  #ticks: CpuTicks | null = null;

  /** `proc` is /proc but for tests. */
  constructor(proc = '/proc') {
    this.#proc = proc;
  }

  async read(): Promise<Required<Vitals>> {
    const [load, stat, memory, cpu, memoryPressure, io, root] = await Promise.all([
      this.#text('loadavg'),
      this.#text('stat'),
      this.#text('meminfo'),
      this.#text('pressure/cpu'),
      this.#text('pressure/memory'),
      this.#text('pressure/io'),
      statfs('/'),
    ]);
    const { totalBytes, availableBytes } = parseMemory(memory ?? '');
    return {
      load1: parseLoad1(load ?? ''),
      cpuBusyPercent: this.#busySince(parseCpuTicks(stat ?? '')),
      memoryTotalBytes: totalBytes,
      memoryAvailableBytes: availableBytes,
      rootTotalBytes: root.blocks * root.bsize,
      rootAvailableBytes: root.bavail * root.bsize,
      cpuPressure: parsePressure(cpu),
      memoryPressure: parsePressure(memoryPressure),
      ioPressure: parsePressure(io),
    };
  }

  #busySince(ticks: CpuTicks | null): number {
    const percent = cpuBusyPercent(this.#ticks, ticks);
    this.#ticks = ticks;
    return percent;
  }

  /** A file that a container hides is a missing fact, not a failure of the beat. */
  async #text(name: string): Promise<string | null> {
    return readFile(`${this.#proc}/${name}`, 'utf8').catch(() => null);
  }
}
