import { spawn } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const START_DEADLINE_MS = 10_000;
const PING_EVERY_MS = 50;
const STOP_DEADLINE_MS = 5_000;
/** RMCP presence ping: every management controller answers it, without a session (IPMI 2.0, 13.2.3). */
const PRESENCE_PING = Buffer.from('06000006000011be80000000', 'hex');

export interface IpmiSimulatorOptions {
  /** Of its own: configuration, password and state are put there. */
  readonly directory: string;
  /** UDP, on loopback; see `freeUdpPort`. */
  readonly port: number;
  /**
   * The program that is the machine's power, with its first words; file-chassis beside this file is one. It is called with
   * `set power 1`, `set power 0` or `get power`, and answers the last by `power:1` or `power:0`. A cycle is `0`, and `1` a second later.
   */
  readonly chassisControl: readonly string[];
  /** Starts it in another network than ours, where it cannot be asked whether it answers yet. */
  readonly spawnElsewhere?: (argv: readonly string[], options: SpawnOptions) => ChildProcess;
}

/** OpenIPMI's ipmi_sim: a management controller that is not ours, with one operator. It answers one request after the other. */
export interface IpmiSimulator {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Mode 0600, of the user who runs the test. */
  readonly passwordFile: string;
  stop(): Promise<void>;
}

/** Resolves when it answers. Rejects with its own words when it does not. */
export async function startIpmiSimulator({
  directory,
  port,
  chassisControl,
  spawnElsewhere,
}: IpmiSimulatorOptions): Promise<IpmiSimulator> {
  const state = join(directory, 'state');
  const files = {
    lan: join(directory, 'lan.conf'),
    emulation: join(directory, 'sim.emu'),
    password: join(directory, 'password'),
  };
  mkdirSync(state, { recursive: true });
  writeFileSync(files.lan, lanConfiguration(port, chassisControl));
  writeFileSync(files.emulation, EMULATION);
  writeFileSync(files.password, `${PASSWORD}\n`, { mode: 0o600 });
  // `-n`: it neither reads commands from a terminal nor leaves ours.
  const words = ['-n', '-c', files.lan, '-f', files.emulation, '-s', state];
  const options: SpawnOptions = { stdio: ['ignore', 'ignore', 'pipe'] };
  const child = spawnElsewhere?.(['ipmi_sim', ...words], options) ?? spawn('ipmi_sim', words, options);
  if (spawnElsewhere === undefined) await untilItAnswers(child, port);
  return { port, user: USER, password: PASSWORD, passwordFile: files.password, stop: () => stop(child) };
}

/** One that nobody had a moment ago. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

const USER = 'zdms';
const PASSWORD = 'test-of-zdms';

function lanConfiguration(port: number, chassisControl: readonly string[]): string {
  // ipmi_sim hands this to a shell, and knows no way to quote it.
  const harmless = chassisControl.every((word) => /^[\w./-]+$/.test(word));
  if (!harmless) throw new Error(`ipmi_sim cannot be told to run ${chassisControl.join(' ')}`);
  return `name "zdms-test"
set_working_mc 0x20
  startlan 1
    addr 127.0.0.1 ${port}
    priv_limit admin
    allowed_auths_callback md5
    allowed_auths_user md5
    allowed_auths_operator md5
    allowed_auths_admin md5
    guid a123456789abcdefa123456789abcdef
  endlan
  chassis_control "${chassisControl.join(' ')}"
  user 1 false "" "" user 10 md5
  user 2 true "${USER}" "${PASSWORD}" operator 10 md5
`;
}

/** One management controller, without sensors. */
const EMULATION = `mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02
mc_enable 0x20
`;

async function untilItAnswers(child: ChildProcess, port: number): Promise<void> {
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (words += text));
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const socket = createSocket('udp4');
  const timer = setInterval(() => socket.send(PRESENCE_PING, port, '127.0.0.1'), PING_EVERY_MS);
  const deadline = setTimeout(() => reject(new Error(`ipmi_sim does not answer. ${words}`)), START_DEADLINE_MS);
  // Until it listens, the kernel says so of each ping.
  socket.on('error', () => undefined);
  socket.on('message', () => resolve(undefined));
  child.once('error', reject);
  child.once('exit', () => reject(new Error(`ipmi_sim ended. ${words}`)));
  try {
    await promise;
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearInterval(timer);
    clearTimeout(deadline);
    socket.close();
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  child.kill('SIGTERM');
  await once(child, 'exit');
  clearTimeout(timer);
}
