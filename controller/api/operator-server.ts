import { chmod, chown, lstat, mkdir, readFile, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, resolve } from 'node:path';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { systemClock } from '../../lib/system-clock.ts';
import { ZdmsError } from '../../lib/zdms-error.ts';
import { loadOperatorWire } from '../../proto/load.ts';
import type { Clock } from '../ports/clock.ts';
import type { Operations } from '../ports/operations.ts';
import { operatorService } from './operator-service.ts';
import type { OperatorLog } from './operator-log.ts';

/** Members of this group may use the socket; where it does not exist, only root may. */
const OPERATOR_GROUP = 'zdms';

/** sun_path of unix(7) holds 108 bytes with its closing zero; longer paths would be cut. */
const LONGEST_SOCKET_PATH_BYTES = 107;

/** Calls in flight get this long to end when the server closes. */
const CLOSE_GRACE_MS = 1_000;

export interface OperatorServerOptions {
  readonly socketPath: string;
  readonly operations: Operations;
  readonly log: OperatorLog;
  /** The system's clock where it is left out. */
  readonly clock?: Clock;
}

export interface OperatorServer {
  /** Ends open watches, waits briefly for other calls, removes the socket. */
  close(): Promise<void>;
}

/**
 * Serves the operator API on a Unix socket (0660, group zdms): who may open it is an operator. Throws ZdmsError
 * ZDMS_SOCKET_IN_USE, ZDMS_SOCKET_BLOCKED or ZDMS_SOCKET_PATH_TOO_LONG.
 */
export async function startOperatorServer(options: OperatorServerOptions): Promise<OperatorServer> {
  const path = resolve(options.socketPath);
  const group = await operatorGroup();
  await prepareSocketPath(path, group);
  const server = new Server({ 'grpc.max_receive_message_length': 4 * 1024 * 1024 });
  server.addService(
    loadOperatorWire().OperatorService.service,
    operatorService(options.operations, options.log, options.clock ?? systemClock),
  );
  await bind(server, path);
  await chmod(path, 0o660);
  // What a process of the group makes is the group's already, and its unit may forbid it every chown.
  if (group !== null && group !== process.getgid?.()) await chown(path, process.getuid?.() ?? 0, group);
  options.log.info({ socket: path }, 'operators are served');
  return { close: () => close(server) };
}

function bind(server: Server, path: string): Promise<void> {
  return new Promise((done, failed) => {
    server.bindAsync(`unix:${path}`, ServerCredentials.createInsecure(), (error) => (error ? failed(error) : done()));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(() => server.forceShutdown(), CLOSE_GRACE_MS);
    server.tryShutdown(() => {
      clearTimeout(timer);
      done();
    });
  });
}

async function prepareSocketPath(path: string, group: number | null): Promise<void> {
  if (Buffer.byteLength(path) > LONGEST_SOCKET_PATH_BYTES) {
    throw new ZdmsError(
      'ZDMS_SOCKET_PATH_TOO_LONG',
      `the path ${path} is longer than the ${LONGEST_SOCKET_PATH_BYTES} bytes that a socket's path may have`,
      'Name a shorter path in controller.yaml.',
    );
  }
  const created = await mkdir(dirname(path), { recursive: true, mode: 0o750 });
  if (created !== undefined && group !== null) await chown(dirname(path), process.getuid?.() ?? 0, group);
  await removeStaleSocket(path);
}

/** A socket that nobody answers is left over from a controller that was killed. */
async function removeStaleSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found === null) return;
  if (!found.isSocket()) {
    throw new ZdmsError('ZDMS_SOCKET_BLOCKED', `${path} exists and is not a socket`, 'Move it away.');
  }
  if (await isAnswered(path)) {
    throw new ZdmsError(
      'ZDMS_SOCKET_IN_USE',
      `another controller already serves operators on ${path}`,
      'Stop it first, or name another socket in controller.yaml.',
    );
  }
  await unlink(path);
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });
}

async function operatorGroup(): Promise<number | null> {
  const groups = await readFile('/etc/group', 'utf8').catch(() => '');
  const line = groups.split('\n').find((entry) => entry.startsWith(`${OPERATOR_GROUP}:`));
  return line === undefined ? null : Number(line.split(':')[2]);
}
