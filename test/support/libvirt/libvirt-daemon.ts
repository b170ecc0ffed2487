import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const START_DEADLINE_MS = 20_000;
const LOOK_EVERY_MS = 20;
/** `nobody` and `nogroup`. Started by root it would be the machine's own libvirtd, with the machine's networks and domains. */
const STRANGER = { uid: 65_534, gid: 65_534 };

/**
 * A libvirtd of a test's own, behind a piece of network that can break. Its one domain is called `test` and is that of libvirt's test
 * driver: it has a state and no machine. The real virsh speaks to it.
 */
export class LibvirtDaemon {
  /** Where virsh finds it. */
  readonly uri: string;
  readonly #directory: string;
  readonly #daemon: ChildProcess;
  readonly #relay: Server;
  /** The driver forgets everything when nobody is connected: this one stays. */
  readonly #anchor: ChildProcess;
  #losesAnswers = false;

  private constructor(directory: string, daemon: ChildProcess, relay: Server, anchor: ChildProcess) {
    this.#directory = directory;
    this.#daemon = daemon;
    this.#relay = relay;
    this.#anchor = anchor;
    this.uri = uriOf(join(directory, 'relay'));
    relay.on('connection', (client) => {
      const upstream = connect(join(directory, 'libvirt-sock'));
      for (const socket of [client, upstream]) socket.on('error', () => undefined);
      client.pipe(upstream);
      upstream.on('data', (piece) => {
        // It writes down what it does before it answers.
        if (this.#losesAnswers && this.done().length > 0) client.destroy();
        else client.write(piece);
      });
      client.on('close', () => upstream.destroy());
      upstream.on('close', () => client.destroy());
    });
  }

  /** `directory`: of its own, and short, since sockets are put there. */
  static async start(directory: string): Promise<LibvirtDaemon> {
    const configuration = join(directory, 'libvirtd.conf');
    writeFileSync(configuration, configurationIn(directory));
    const home = join(directory, 'home');
    mkdirSync(home);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) for (const each of [directory, home]) chownSync(each, STRANGER.uid, STRANGER.gid);
    const daemon = spawn('libvirtd', ['--config', configuration, '--pid-file', join(directory, 'pid')], {
      cwd: directory,
      env: {
        PATH: process.env['PATH'],
        HOME: home,
        XDG_RUNTIME_DIR: home,
        XDG_CONFIG_HOME: home,
        XDG_CACHE_HOME: home,
      },
      stdio: 'ignore',
      ...(isRoot ? STRANGER : {}),
    });
    const socket = join(directory, 'libvirt-sock');
    const deadline = Date.now() + START_DEADLINE_MS;
    while (!existsSync(socket)) {
      if (Date.now() > deadline || daemon.exitCode !== null) throw new Error(`libvirtd does not start (${directory})`);
      await setTimeout(LOOK_EVERY_MS);
    }
    const anchor = spawn('virsh', ['--connect', uriOf(socket)], { stdio: ['pipe', 'pipe', 'ignore'] });
    anchor.stdin.write('domstate test\n');
    await untilItSays(anchor, 'running');
    const relay = createServer().listen(join(directory, 'relay'));
    await once(relay, 'listening');
    return new LibvirtDaemon(directory, daemon, relay, anchor);
  }

  /** Pulls the plug of the domain, on a way of its own. */
  async switchOff(): Promise<void> {
    await once(spawn('virsh', ['--connect', uriOf(join(this.#directory, 'libvirt-sock')), 'destroy', 'test']), 'close');
  }

  /** From now on it does what it is told, and the answer and the connection are lost. */
  loseAnswers(): void {
    this.#losesAnswers = true;
  }

  findAnswers(): void {
    this.#losesAnswers = false;
  }

  /** What it was told to do to the domain, by its own log. */
  done(): readonly ('reset' | 'start')[] {
    const log = readFileSync(join(this.#directory, 'log'), 'utf8');
    return [...log.matchAll(/: virDomain(Reset|Create):/g)].map(([, verb]) => (verb === 'Reset' ? 'reset' : 'start'));
  }

  async stop(): Promise<void> {
    this.#relay.close();
    for (const process of [this.#anchor, this.#daemon]) {
      if (process.exitCode !== null || process.signalCode !== null) continue;
      process.kill('SIGKILL');
      await once(process, 'exit');
    }
  }
}

/** It is listened to after that, too: a program that nobody hears any more ends. */
async function untilItSays({ stdout }: ChildProcess, word: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  let said = '';
  stdout?.setEncoding('utf8').on('data', (words: string) => {
    said += words;
    if (said.includes(word)) resolve(undefined);
  });
  stdout?.once('end', () => reject(new Error(`virsh does not reach libvirtd: ${said}`)));
  await promise;
}

function uriOf(socket: string): string {
  return `test+unix:///default?socket=${socket}`;
}

/** Every call of its API is a line of its log. */
function configurationIn(directory: string): string {
  return `unix_sock_dir = "${directory}"
auth_unix_rw = "none"
log_filters = "1:libvirt 4:event 4:util 4:rpc 4:conf 4:object"
log_outputs = "1:file:${directory}/log"
`;
}
