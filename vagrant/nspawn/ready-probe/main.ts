import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LabHost } from '../../topology.ts';

// Usage: node ready-probe/main.ts JSON, inside the lab's network. JSON is a ProbeRequest; prints the name of each host as it becomes ready.

/** What to wait for. With `allServers` a balancer is ready only when it sees every web host up. */
export interface ProbeRequest {
  readonly hosts: readonly Pick<LabHost, 'name' | 'role' | 'address'>[];
  readonly webServers: readonly string[];
  readonly allServers: boolean;
  readonly deadlineMs: number;
  /** How long one answer may take. */
  readonly tryDeadlineMs: number;
}

const TRY_PAUSE_MS = 100;

async function waitForHost(host: ProbeRequest['hosts'][number], giveUpAt: number): Promise<void> {
  for (;;) {
    if (await isReady(host)) break;
    if (Date.now() > giveUpAt) return;
    await sleep(TRY_PAUSE_MS);
  }
  console.log(host.name);
}

async function isReady(host: ProbeRequest['hosts'][number]): Promise<boolean> {
  if (!(await hasSshBanner(host.address))) return false;
  switch (host.role) {
    case 'web':
    case 'dnf':
    case 'zypper':
      return (await get(host.address, 80, '/healthz')) !== null;
    case 'lb':
      return wanted.allServers
        ? seesAllServers(host.address, wanted.webServers)
        : (await get(host.address, 8404, '/stats;csv')) !== null;
    case 'etcd':
      // A linearizable read: true only while the member has a leader and the cluster a majority.
      return (await get(host.address, 2379, '/health'))?.includes('"true"') === true;
    case 'ctl':
      return true;
  }
}

async function seesAllServers(address: string, servers: readonly string[]): Promise<boolean> {
  const lines = ((await get(address, 8404, '/stats;csv')) ?? '').split('\n');
  const isUp = (server: string): boolean =>
    lines.some((line) => line.startsWith(`web,${server},`) && line.includes(',UP,'));
  return servers.every(isUp) && (await get(address, 80, '/')) !== null;
}

function hasSshBanner(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 22, timeout: wanted.tryDeadlineMs });
    const end = (ready: boolean) => (): void => {
      socket.destroy();
      resolve(ready);
    };
    socket.once('data', (chunk) => {
      end(chunk.toString('latin1').startsWith('SSH-2.0'))();
    });
    socket.once('error', end(false)).once('timeout', end(false)).once('close', end(false));
  });
}

/** The body of a 200, else null. */
function get(address: string, port: number, path: string): Promise<string | null> {
  return new Promise((resolve) => {
    const call = request({ host: address, port, path, timeout: wanted.tryDeadlineMs, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('close', () => {
        resolve(response.statusCode === 200 && response.complete ? Buffer.concat(chunks).toString() : null);
      });
    });
    call.once('timeout', () => call.destroy());
    call.once('error', () => {
      resolve(null);
    });
    call.end();
  });
}

const wanted = JSON.parse(process.argv[2] ?? '') as ProbeRequest;
const giveUpAt = Date.now() + wanted.deadlineMs;
await Promise.all(wanted.hosts.map((host) => waitForHost(host, giveUpAt)));
