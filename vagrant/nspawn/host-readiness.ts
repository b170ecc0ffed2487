import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ZdmsError } from '../../lib/zdms-error.ts';
import type { LabHost } from '../topology.ts';
import { isPoweredOn } from './cgroup.ts';
import { LOG_DIRECTORY } from './lab-layout.ts';
import { readState } from './lab-state.ts';
import type { ProbeRequest } from './ready-probe/main.ts';
import { inLab } from './spawn-in-lab.ts';

const READY_PROBE = join(import.meta.dirname, 'ready-probe', 'main.ts');
// One container is ready in 2 s; eight on two busy cores were seen to take 10. A virtual machine may be emulated.
const READY_DEADLINES_MS = { containers: 60_000, 'virtual-machines': 600_000 };
// An emulated sshd takes seconds to greet, and a probe that gives up on it makes it start all over again.
const TRY_DEADLINES_MS = { containers: 1000, 'virtual-machines': 10_000 };
// A host whose power is off this long after its start will not come up, so nobody has to wait for the deadline.
const POWER_WATCH_MS = 2000;
const LOG_TAIL_LINES = 5;

export interface ReadinessOptions {
  /** A balancer is ready only when it sees every web host up. */
  readonly allServers?: boolean;
  readonly onReady?: (host: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Waits until hosts answer ssh and do what their role is for. Throws ZDMS_LAB_NOT_READY with a host that does not, and the end of its log. */
export async function waitUntilReady(hosts: readonly LabHost[], options: ReadinessOptions = {}): Promise<void> {
  const deadlineMs = READY_DEADLINES_MS[readState().systems.kind];
  const failure = new AbortController();
  const watch = setInterval(() => {
    const ended = hosts.find((host) => !isPoweredOn(host.name));
    if (ended) failure.abort(notReady(ended.name, 'ended while it was booting'));
  }, POWER_WATCH_MS);
  const signals = options.signal ? [failure.signal, options.signal] : [failure.signal];
  try {
    const ready = await probeHosts(hosts, deadlineMs, { ...options, signal: AbortSignal.any(signals) });
    const missing = hosts.find((host) => !ready.has(host.name));
    if (missing) throw notReady(missing.name, `was not ready within ${String(deadlineMs)} ms`);
  } catch (error) {
    throw failure.signal.aborted ? failure.signal.reason : error;
  } finally {
    clearInterval(watch);
  }
}

function notReady(host: string, what: string): ZdmsError {
  const log = readFileSync(join(LOG_DIRECTORY, `${host}.log`), 'utf8');
  const tail = log.trim().split('\n').slice(-LOG_TAIL_LINES).join('\n');
  return new ZdmsError(
    'ZDMS_LAB_NOT_READY',
    `${host} ${what}\n${tail}`,
    'is the machine overloaded, or may it not run what the hosts are?',
  );
}

/** The names of the hosts that became ready before the deadline. Throws the signal's AbortError. */
export async function probeHosts(
  hosts: readonly LabHost[],
  deadlineMs: number,
  options: ReadinessOptions = {},
): Promise<ReadonlySet<string>> {
  const { allServers = false, onReady, signal } = options;
  const { topology, systems } = readState();
  const webServers = topology.hosts.filter((host) => host.role === 'web').map((host) => host.name);
  const tryDeadlineMs = TRY_DEADLINES_MS[systems.kind];
  const wanted: ProbeRequest = { hosts, webServers, allServers, deadlineMs, tryDeadlineMs };
  const [file = '', ...argv] = inLab([process.execPath, READY_PROBE, JSON.stringify(wanted)]);
  const child = spawn(file, argv, { stdio: ['ignore', 'pipe', 'inherit'], ...(signal ? { signal } : {}) });
  const ready = new Set<string>();
  createInterface(child.stdout).on('line', (name) => {
    ready.add(name);
    onReady?.(name);
  });
  await new Promise((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  return ready;
}
