import { credentials, status } from '@grpc/grpc-js';
import type { CallOptions, ClientUnaryCall, requestCallback, ServiceError } from '@grpc/grpc-js';
import { access, constants } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ZdmsError } from '../../lib/zdms-error.ts';
import type { Document__Output } from '../../proto/generated/zdms/v1/Document.ts';
import type { OperatorServiceClient } from '../../proto/generated/zdms/v1/OperatorService.ts';
import type {
  HaltDocument,
  HostDocument,
  InvitationDocument,
  JournalDocument,
  NamesDocument,
  RemovedHostDocument,
  ReportDocument,
  RolloutDocument,
  RolloutListDocument,
  WhatIfDocument,
  WhyDocument,
} from '../../proto/zdms/v1/documents.ts';
import type {
  FileComparisonDocument,
  PlanDifferenceDocument,
  PlanDocument,
} from '../../proto/zdms/v1/plan-document.ts';
import type { QuarantineDocument } from '../../proto/zdms/v1/quarantine-document.ts';
import type { CveDocument } from '../../proto/zdms/v1/cve-document.ts';
import type { HealthDocument } from '../../proto/zdms/v1/health-document.ts';
import { loadOperatorWire } from '../../proto/load.ts';

/** A controller answers such questions from memory or one table. */
const CALL_DEADLINE_MS = 15_000;

/** Planning reads every host's inventory, and so does whoever asks for a CVE. */
const PLAN_DEADLINE_MS = 60_000;

/** The document of a fleet of 10,000 hosts has some 5 MB. */
const LARGEST_DOCUMENT_BYTES = 64 * 1024 * 1024;

/** A controller that was just restarted is back within a second or two. */
const LONGEST_RECONNECT_GAP_MS = 1_000;

/** The operator API as a client sees it. Every method throws the controller's own ZdmsError, or ZDMS_NO_CONTROLLER. */
export interface OperatorClient {
  listHosts(): Promise<readonly HostDocument[]>;
  showHost(host: string): Promise<HostDocument>;
  inviteHost(host: HostToInvite): Promise<InvitationDocument>;
  /** `barrier`: the waves come one after the other, whatever the change says of it. */
  plan(changeFile: string, changeText: string, barrier?: boolean): Promise<PlanDocument>;
  comparePlans(from: string, to: string): Promise<PlanDifferenceDocument>;
  /** Asks the hosts of the plan. */
  compareFiles(plan: string): Promise<FileComparisonDocument>;
  showPlan(plan: string): Promise<PlanDocument>;
  /** `confirmedHosts`: the number of hosts as a person typed it; null: nobody was asked. */
  apply(plan: string, operator: string, confirmedHosts: number | null): Promise<RolloutDocument>;
  /** The rollout at once and after each change, until it ends or `signal` aborts. */
  watch(rollout: string, signal: AbortSignal): AsyncIterable<RolloutDocument>;
  status(rollout: string): Promise<RolloutDocument>;
  /** For shells that complete what a person types: who has to wait longer than `deadlineMs` gets an error. */
  listNames(deadlineMs: number): Promise<NamesDocument>;
  /** All open ones, in short. */
  listRollouts(): Promise<RolloutListDocument>;
  health(): Promise<HealthDocument>;
  why(host: string): Promise<WhyDocument>;
  /** Each a host, or labels: `rack=b2`. */
  whatIf(lose: readonly string[]): Promise<WhatIfDocument>;
  /** "CVE-2026-1234" */
  showCve(cve: string): Promise<CveDocument>;
  pause(command: RolloutCommand): Promise<RolloutDocument>;
  resume(command: RolloutCommand): Promise<RolloutDocument>;
  abort(command: RolloutCommand): Promise<RolloutDocument>;
  report(rollout: string): Promise<ReportDocument>;
  /** The first event and the newest: `limit` in all. */
  readJournal(rollout: string, limit: number): Promise<JournalDocument>;
  halt(operator: string, reason: string): Promise<HaltDocument>;
  unhalt(operator: string): Promise<HaltDocument>;
  /** Versions as NAME=VERSION; without any of them it only looks. */
  quarantine(change: QuarantineWish): Promise<QuarantineDocument>;
  retry(command: HostCommand): Promise<RolloutDocument>;
  release(command: HostCommand): Promise<RolloutDocument>;
  labelHost(change: LabelChange): Promise<HostDocument>;
  removeHost(host: string, operator: string): Promise<RemovedHostDocument>;
  close(): void;
}

/** A host as `host install` registers it. */
export interface HostToInvite {
  readonly host: string;
  readonly address: string;
  readonly sshPort: number;
  readonly labels: Readonly<Record<string, string>>;
  /** "ssh-ed25519 AAAA..." */
  readonly hostKey: string;
}

/** `rollout` empty: the only open one. */
export interface QuarantineWish {
  readonly operator: string;
  readonly add?: readonly string[];
  readonly lift?: readonly string[];
  readonly reason?: string;
}

export interface RolloutCommand {
  readonly rollout: string;
  readonly operator: string;
  readonly reason: string;
}

/** About one host of an open rollout; `rollout` empty: of the only one in which that can be done. */
export interface HostCommand {
  readonly host: string;
  readonly rollout: string;
  readonly operator: string;
  readonly reason: string;
}

/** Labels of one host in the store: `unset` names keys. */
export interface LabelChange {
  readonly host: string;
  readonly operator: string;
  readonly set: Readonly<Record<string, string>>;
  readonly unset: readonly string[];
}

type Callback = requestCallback<Document__Output>;

/** A client on the controller's Unix socket. Connects at the first call; `close` ends what is open. */
export function connectOperator(socketPath: string): OperatorClient {
  const path = resolve(socketPath);
  const wire = new (loadOperatorWire().OperatorService)(`unix:${path}`, credentials.createInsecure(), {
    'grpc.max_receive_message_length': LARGEST_DOCUMENT_BYTES,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': LONGEST_RECONNECT_GAP_MS,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_http_proxy': 0,
  });
  return operatorClient(wire, path);
}

/** The operator API through a wire that is there already. `path`: of its socket, for error messages. */
export function operatorClient(wire: OperatorServiceClient, path: string): OperatorClient {
  /** One call: deadline, and the answer's document. The type is the promise of operator.proto's comments. */
  async function ask<T>(
    send: (options: CallOptions, done: Callback) => ClientUnaryCall,
    deadlineMs = CALL_DEADLINE_MS,
  ) {
    const json = await new Promise<string>((done, failed) => {
      send({ deadline: Date.now() + deadlineMs }, (error, document) => {
        if (error === null) done(document?.json ?? 'null');
        else void toZdmsError(error, path).then(failed);
      });
    });
    return parseDocument(json) as T;
  }

  async function* watch(rollout: string, signal: AbortSignal): AsyncGenerator<RolloutDocument> {
    const stream = wire.watch({ rollout });
    const leave = () => stream.cancel();
    signal.addEventListener('abort', leave, { once: true });
    if (signal.aborted) leave();
    try {
      for await (const document of stream) yield parseDocument((document as Document__Output).json) as RolloutDocument;
    } catch (error) {
      if (!signal.aborted) throw await toZdmsError(error as ServiceError, path);
    } finally {
      signal.removeEventListener('abort', leave);
      stream.cancel();
    }
  }

  return {
    listHosts: () => ask((options, done) => wire.listHosts({}, options, done)),
    showHost: (host) => ask((options, done) => wire.showHost({ host }, options, done)),
    inviteHost: (host) => ask((options, done) => wire.inviteHost(host, options, done)),
    plan: (changeFile, changeText, barrier = false) =>
      ask((options, done) => wire.plan({ changeFile, changeText, barrier }, options, done), PLAN_DEADLINE_MS),
    comparePlans: (from, to) => ask((options, done) => wire.comparePlans({ from, to }, options, done)),
    compareFiles: (plan) => ask((options, done) => wire.compareFiles({ plan }, options, done), PLAN_DEADLINE_MS),
    showPlan: (plan) => ask((options, done) => wire.showPlan({ plan }, options, done)),
    apply: (plan, operator, confirmedHosts) =>
      ask((options, done) => wire.apply({ plan, operator, confirmedHosts: confirmedHosts ?? 0 }, options, done)),
    watch,
    status: (rollout) => ask((options, done) => wire.status({ rollout }, options, done)),
    listNames: (deadlineMs) => ask((options, done) => wire.listNames({}, options, done), deadlineMs),
    listRollouts: () => ask((options, done) => wire.listRollouts({}, options, done)),
    health: () => ask((options, done) => wire.health({}, options, done)),
    why: (host) => ask((options, done) => wire.why({ host }, options, done)),
    whatIf: (lose) => ask((options, done) => wire.whatIf({ lose: [...lose] }, options, done)),
    showCve: (cve) => ask((options, done) => wire.showCve({ cve }, options, done), PLAN_DEADLINE_MS),
    pause: (command) => ask((options, done) => wire.pause(command, options, done)),
    resume: (command) => ask((options, done) => wire.resume(command, options, done)),
    abort: (command) => ask((options, done) => wire.abort(command, options, done)),
    report: (rollout) => ask((options, done) => wire.report({ rollout }, options, done)),
    readJournal: (rollout, limit) => ask((options, done) => wire.readJournal({ rollout, limit }, options, done)),
    halt: (operator, reason) => ask((options, done) => wire.halt({ operator, reason }, options, done)),
    unhalt: (operator) => ask((options, done) => wire.unhalt({ operator }, options, done)),
    quarantine: ({ add = [], lift = [], operator, reason = '' }) =>
      ask((options, done) => wire.quarantine({ add: [...add], lift: [...lift], operator, reason }, options, done)),
    retry: (command) => ask((options, done) => wire.retry(command, options, done)),
    release: (command) => ask((options, done) => wire.release(command, options, done)),
    labelHost: (change) =>
      ask((options, done) => wire.labelHost({ ...change, unset: [...change.unset] }, options, done)),
    removeHost: (host, operator) => ask((options, done) => wire.removeHost({ host, operator }, options, done)),
    close: () => wire.close(),
  };
}

/** Texts in documents come from hosts too: none of them may steer the reader's terminal. */
function parseDocument(json: string): unknown {
  return JSON.parse(json, (_key, value: unknown) => (typeof value === 'string' ? withoutControls(value) : value));
}

/** Control characters (other than tab and newline) and those that turn the direction of writing. */
const CONTROLS = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

function withoutControls(text: string): string {
  return text.replace(CONTROLS, (character) => (character === '\n' || character === '\t' ? character : '\ufffd'));
}

async function toZdmsError(error: ServiceError, path: string): Promise<Error> {
  const code = error.metadata.get('zdms-code')[0];
  if (typeof code === 'string') {
    const next = error.metadata.get('zdms-next')[0];
    return new ZdmsError(code, error.details, typeof next === 'string' ? decodeURIComponent(next) : null);
  }
  if (error.code === status.UNAVAILABLE) return (await isForbidden(path)) ? socketForbidden(path) : noController(path);
  if (error.code === status.DEADLINE_EXCEEDED) {
    return new ZdmsError(
      'ZDMS_CONTROLLER_SLOW',
      'the controller did not answer in time',
      'Ask again; if it stays so, its log says why.',
    );
  }
  return new ZdmsError('ZDMS_CONTROLLER_FAILED', error.details, 'Look into the log of the controller.');
}

function socketForbidden(path: string): ZdmsError {
  return new ZdmsError(
    'ZDMS_SOCKET_FORBIDDEN',
    `you may not open ${path}`,
    'Operators are root and the members of the group zdms: usermod -aG zdms YOU, then log in again.',
  );
}

/** The error where nobody answers on the socket. */
export function noController(path: string): ZdmsError {
  return new ZdmsError(
    'ZDMS_NO_CONTROLLER',
    `no controller answers on ${path}`,
    'Start it (systemctl start zdms-controller, or: zdms-controller --config /etc/zdms/controller.yaml), or name another socket with --socket.',
  );
}

async function isForbidden(path: string): Promise<boolean> {
  try {
    await access(path, constants.R_OK | constants.W_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}
