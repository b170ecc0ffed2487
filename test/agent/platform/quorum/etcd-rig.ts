import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEtcd } from '../../../../agent/platform/quorum/etcd.ts';
import type { Quorum } from '../../../../agent/platform/quorum/quorum.ts';
import { systemCommands } from '../../../../agent/platform/run-command.ts';
import type { QuorumMember } from '../../../../proto/zdms/v1/executor.ts';

type Member = { readonly name: string; readonly quorum: Quorum; readonly process: ChildProcess };

/** Ports that are free together; given back at once, for etcd to take. */
async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = [];
  for (let index = 0; index < count; index += 1) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push(server);
  }
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** A real etcd of three members, `db-1` to `db-3`, on loopback; each is asked as from a host of its own. */
export class EtcdRig {
  readonly #directory = mkdtempSync(join(tmpdir(), 'zdms-etcd-'));
  readonly #members = new Map<string, Member>();

  async start(): Promise<void> {
    const names = ['db-1', 'db-2', 'db-3'];
    const clients = await freePorts(names.length * 2);
    const peers = clients.splice(names.length);
    const group = names.map((name, index) => `${name}=http://127.0.0.1:${peers[index]}`).join(',');
    for (const [index, name] of names.entries()) {
      await this.#startMember(name, `http://127.0.0.1:${clients[index]}`, `http://127.0.0.1:${peers[index]}`, group);
    }
    await this.until(async () => (await this.members('db-1')).every((member) => member.healthy));
  }

  async #startMember(name: string, client: string, peer: string, group: string): Promise<void> {
    const settings = join(this.#directory, `${name}.env`);
    await writeFile(settings, `ETCDCTL_ENDPOINTS=${client}\n`, { mode: 0o600 });
    const options = {
      name: name,
      'data-dir': join(this.#directory, name),
      'listen-client-urls': client,
      'advertise-client-urls': client,
      'listen-peer-urls': peer,
      'initial-advertise-peer-urls': peer,
      'initial-cluster': group,
    };
    const argv = Object.entries(options).map(([option, value]) => `--${option}=${value}`);
    const process = spawn('etcd', argv, { stdio: 'ignore' });
    this.#members.set(name, { name, process, quorum: createEtcd(systemCommands, { settings }) });
  }

  #member(name: string): Member {
    const member = this.#members.get(name);
    if (member === undefined) throw new Error(`no member ${name}`);
    return member;
  }

  /** The adapter on the host of this member. */
  on(name: string): Quorum {
    return this.#member(name).quorum;
  }

  members(asked: string): Promise<readonly QuorumMember[]> {
    return this.on(asked).members();
  }

  async leader(asked = 'db-1'): Promise<string> {
    const found = (await this.members(asked)).find((member) => member.leader);
    if (found === undefined) throw new Error('nobody leads');
    return found.name;
  }

  /** Stops it as a machine that hangs: its connections stay. */
  freeze(name: string): void {
    this.#member(name).process.kill('SIGSTOP');
  }

  thaw(name: string): void {
    this.#member(name).process.kill('SIGCONT');
  }

  /** Polls until it holds; mocha's own timeout is the deadline. An error counts as not yet. */
  async until(condition: () => Promise<boolean>): Promise<void> {
    while (!(await condition().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  async stop(): Promise<void> {
    const running = [...this.#members.values()].filter(({ process }) => process.exitCode === null);
    await Promise.all(
      running.map(async ({ process }) => {
        const ended = once(process, 'exit');
        process.kill('SIGKILL');
        await ended;
      }),
    );
    await rm(this.#directory, { recursive: true, force: true });
  }
}
