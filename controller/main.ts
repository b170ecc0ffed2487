import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { InvariantError } from '../lib/invariant-error.ts';
import { feedWatchdog, tellSystemd } from '../lib/notify-systemd.ts';
import { systemClock } from '../lib/system-clock.ts';
import { packageVersion } from '../lib/package-version.ts';
import { systemRandom } from '../lib/system-random.ts';
import { ZdmsError } from '../lib/zdms-error.ts';
import { bmcOf as openBmc } from './adapters/bmc/index.ts';
import { ssh2HostShell } from './adapters/host-shell/ssh2.ts';
import { limitsFile } from './adapters/limits/file.ts';
import { httpRequester } from './adapters/requester/http.ts';
import { openSqliteStore } from './adapters/store/sqlite.ts';
import { type AgentServerIdentity, startAgentServer } from './api/agent-server.ts';
import { type FleetMetrics, fleetMetrics } from './api/metrics/fleet-metrics.ts';
import { startMetricsServer } from './api/metrics/metrics-server.ts';
import { startOperatorServer } from './api/operator-server.ts';
import { parseChange } from './config/change-file.ts';
import { type ControllerConfig, parseControllerConfig } from './config/controller-file.ts';
import { parseFleet } from './config/fleet-file.ts';
import { parseLimits } from './config/limits-file.ts';
import type { Fleet, Host, HostId } from './core/fleet.ts';
import type { HostReport } from './core/inventory.ts';
import { issueHostCertificate, readCertificateRequest } from './identity/certificates.ts';
import { type Identity, loadIdentity } from './identity/identity.ts';
import { createInvitation } from './identity/invitation.ts';
import { signer } from './identity/signer.ts';
import type { HostShell } from './ports/host-shell.ts';
import type { InvitationView } from './ports/operations.ts';
import type { Bmc } from './ports/bmc.ts';
import type { Requester } from './ports/requester.ts';
import type { RunnerWitness } from './ports/runner-witness.ts';
import type { Store } from './ports/store.ts';
import type { AgentWord } from './ports/telemetry.ts';
import { changeLog } from './runner/change-log.ts';
import { FactsBoard } from './runner/facts-board.ts';
import { FleetOperations } from './runner/fleet-operations.ts';
import type { HostDirectory } from './runner/operations-parts.ts';
import type { Executors } from './runner/executors.ts';
import { Guard } from './runner/guard.ts';
import { QuorumBoard } from './runner/quorum-board.ts';
import { QuorumWatch } from './runner/quorum-watch.ts';
import { SilentAgents } from './runner/silent-agents.ts';
import { OwnChecks } from './runner/own-checks.ts';
import { PoolWatch } from './runner/pool-watch.ts';
import { Prober } from './runner/prober.ts';
import { RolloutRunner } from './runner/rollout-runner.ts';
import { startWayBacks } from './runner/way-backs.ts';

const usage = `usage: zdms-controller [--config FILE]

Serves agents and operators, and performs rollouts. FILE is /etc/zdms/controller.yaml unless told; \`zdms init\` writes one.
It may be killed at any moment: started again, it goes on where the journal says.
`;

const log = pino({ name: 'zdms-controller', base: null });

/** What a controller reaches the world through. */
export interface Adapters {
  readonly store: Store;
  readonly shell: HostShell;
  readonly requester: Requester & { close(): void };
  /** Null: controller.yaml names none for this host. */
  readonly bmcOf: (host: HostId) => Bmc | null;
}

/** The adapters of every controller; with `runController`, where a test may put something before them. */
export function openAdapters(config: ControllerConfig, identity: Identity): Adapters {
  return {
    store: openSqliteStore({ directory: config.state, now: systemClock.now }),
    shell: ssh2HostShell({ privateKey: identity.sshPrivateKey }),
    requester: httpRequester(),
    bmcOf: (host) => {
      const access = config.bmc.get(host);
      return access === undefined ? null : openBmc(access);
    },
  };
}

async function main(open: typeof openAdapters): Promise<number> {
  const { values } = parseArgs({
    options: {
      config: { type: 'string', default: '/etc/zdms/controller.yaml' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  await serve(parseControllerConfig(await readConfig(values.config), values.config), open, stop.signal);
  return 0;
}

async function readConfig(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ZdmsError(
      'ZDMS_CONFIG_UNREADABLE',
      `${file} cannot be read: ${String(error)}`,
      'Write one with `zdms init`, or name another with --config.',
    );
  }
}

/** Builds every adapter, hands them to the runner, and serves until the signal aborts. */
async function serve(config: ControllerConfig, open: typeof openAdapters, signal: AbortSignal): Promise<void> {
  const identity = await loadIdentity(config.state, systemClock.now());
  const adapters = open(config, identity);
  const { store } = adapters;
  const epoch = await store.becomeLeader(`${hostname()} pid ${process.pid}`);
  const parts = buildRunner(config, identity, adapters, epoch, await hostDirectory(store));
  const { runner, board, operations } = parts;
  await parts.readFleet().then(
    (fleet) => board.setFleet(fleet, parts.hosts.all()),
    (error: unknown) => log.warn({ error: String(error) }, 'the fleet file cannot be used yet'),
  );
  await runner.load();
  const { listen } = config.agents;
  const agents = await startAgentServer({
    identity: agentServerIdentity(identity),
    listen,
    store,
    isKnown: (host) => parts.hosts.get(host) !== undefined,
    listener: board,
    agentWords: parts.agentWords,
    clock: systemClock,
    log,
  });
  const metrics =
    config.metrics === null ? null : await startMetricsServer({ ...config.metrics, metrics: parts.metrics, log });
  const operators = await startOperatorServer({ socketPath: config.operatorSocket, operations, log });
  const ports = { agents: agents.port, metrics: metrics?.port ?? null };
  log.info({ epoch, ...ports, operators: config.operatorSocket }, 'the controller is ready');
  const onError = (error: unknown): void => log.error({ error: String(error) }, 'systemd is not told');
  try {
    await tellSystemd('READY=1').catch(onError);
    void feedWatchdog({ progress: () => runner.ticks, onError, signal });
    await Promise.all([runner.run(signal), startWayBacks({ runner, operations, clock: systemClock, log }, signal)]);
  } finally {
    parts.stop();
    await Promise.all([operators.close(), agents.close(), metrics?.close(), adapters.shell.close()]);
    await store.close();
    log.info({}, 'the controller has stopped');
  }
}

/** The runner with all that it looks at and works through. */
interface Parts {
  readonly runner: RolloutRunner;
  readonly board: FactsBoard;
  readonly operations: FleetOperations;
  readonly hosts: HostDirectory;
  readonly agentWords: Map<HostId, AgentWord>;
  readonly readFleet: () => Promise<Fleet>;
  readonly metrics: FleetMetrics;
  readonly stop: () => void;
}

function buildRunner(
  config: ControllerConfig,
  identity: Identity,
  { store, shell, requester, bmcOf }: Adapters,
  epoch: number,
  hosts: HostDirectory,
): Parts {
  const { timing } = config;
  const clock = systemClock;
  const board = new FactsBoard(timing, {
    onFact: () => runner.wake(),
    onReport: (host, report) => {
      guard.recordReport(host, report);
      void saveReport(store, host, report);
    },
  });
  const readFleet = async (): Promise<Fleet> => parseFleet(await readConfig(config.fleet), config.fleet);
  const limits = limitsFile(config.limits, parseLimits);
  const guard = new Guard({ clock, timing, limits, hosts: hosts.all, readFleet, onFact: () => runner.wake() });
  const quorums = new QuorumBoard(clock, timing.quorumStaleMs, () => runner.wake());
  const executors: Executors = {
    ...{ shell, signer: signer(identity), clock, timing, epoch, hostOf: hosts.get, bmcOf },
    onPool: board.recordPool.bind(board),
    onQuorum: quorums.record.bind(quorums),
    isHalted: guard.isHalted.bind(guard),
    onSuperseded: (error) => runner.supersede(error),
  };
  const pools = new PoolWatch(executors);
  const quorumWatch = new QuorumWatch(executors);
  const silent = new SilentAgents(executors, () => runner.wake());
  const checks = new OwnChecks(requester, clock, board.recordOwnCheck.bind(board));
  const prober: Prober = new Prober({
    requester,
    clock,
    deadlineMs: timing.probeDeadlineMs,
    onFailure: board.recordProbeFailure.bind(board),
    isSomebodyOut: (rollout): boolean => runner.isSomebodyOut(rollout),
  });
  const metrics = fleetMetrics({
    ...{ now: clock.now, timing, epoch, version: packageVersion(), hosts: hosts.all },
    world: () => runner.world(),
  });
  const logChange = changeLog(log);
  const witness: RunnerWitness = {
    ...metrics.witness,
    committed: (event, before, after) => {
      logChange(event, before, after);
      metrics.witness.committed(event, before, after);
    },
  };
  const runner: RolloutRunner = new RolloutRunner({
    ...{ store, clock, timing, epoch, board, guard, quorums, quorumWatch, silent },
    ...{ pools, checks, prober, executors, hostOf: hosts.get, log, witness },
  });
  const agentWords = new Map<HostId, AgentWord>();
  const operations = new FleetOperations({
    ...{ store, runner, board, prober, executors, clock, timing, hosts, limits, readFleet, parseChange },
    ...{ random: systemRandom, agentWords, version: packageVersion() },
    invite: (host) => invite(host, store, identity, config, clock.now()),
  });
  const stop = (): void => {
    prober.watch([]);
    checks.watch([]);
    requester.close();
  };
  return { runner, board, operations, hosts, agentWords, readFleet, metrics, stop };
}

/** What the agents' server needs: this controller's certificate, and the power to give hosts theirs. */
function agentServerIdentity(identity: Identity): AgentServerIdentity {
  return {
    ...identity,
    checkCertificateRequest: readCertificateRequest,
    issueHostCertificate: (csrPem, host, now) => issueHostCertificate(identity, csrPem, host, now),
  };
}

/** A report that was not stored is sent again with the next change; the rollout goes by the facts in memory. */
async function saveReport(store: Store, host: HostId, report: HostReport): Promise<void> {
  try {
    await store.saveReport(host, report);
  } catch (error) {
    log.error({ host, error: String(error) }, 'a report was not stored');
  }
}

async function hostDirectory(store: Store): Promise<HostDirectory> {
  const hosts = new Map<string, Host>((await store.hosts()).map((host) => [host.id, host]));
  return {
    all: () => [...hosts.values()],
    get: (id) => hosts.get(id),
    save: async (host) => {
      await store.saveHost(host);
      hosts.set(host.id, host);
    },
    remove: async (id) => {
      hosts.delete(id);
      return store.removeHost(id);
    },
  };
}

async function invite(
  host: string,
  store: Store,
  identity: Identity,
  config: ControllerConfig,
  now: number,
): Promise<InvitationView> {
  const { token, invitation } = createInvitation(host, now);
  await store.saveInvitation(invitation);
  return {
    token,
    expiresAt: invitation.expiresAt,
    controller: config.agents.advertise,
    caPem: identity.caPem,
    orderPublicKeyPem: identity.orderPublicKeyPem,
    sshPublicKey: identity.sshPublicKey,
  };
}

/** `zdms-controller`, from its arguments to the end of its process. */
export async function runController(open = openAdapters): Promise<never> {
  try {
    process.exitCode = await main(open);
  } catch (error) {
    if (error instanceof ZdmsError) {
      process.stderr.write(`${error.code}: ${error.message}\n${error.next === null ? '' : `Next: ${error.next}\n`}`);
      process.exitCode = 2;
    } else {
      log.fatal(
        { error: error instanceof Error ? error.stack : String(error), bug: error instanceof InvariantError },
        'the controller stops',
      );
      process.exitCode = 1;
    }
  }
  // Whoever still waits for a host, or still listens after a failed start, must not keep the process: its successor needs the store and the ports.
  process.exit();
}
