import type { handleUnaryCall } from '@grpc/grpc-js';
import type { HostCommandRequest__Output } from '../../proto/generated/zdms/v1/HostCommandRequest.ts';
import type { InviteHostRequest__Output } from '../../proto/generated/zdms/v1/InviteHostRequest.ts';
import type { ApplyRequest__Output } from '../../proto/generated/zdms/v1/ApplyRequest.ts';
import type { CommandRequest__Output } from '../../proto/generated/zdms/v1/CommandRequest.ts';
import type { LabelHostRequest__Output } from '../../proto/generated/zdms/v1/LabelHostRequest.ts';
import type { PlanRequest__Output } from '../../proto/generated/zdms/v1/PlanRequest.ts';
import type { QuarantineRequest__Output } from '../../proto/generated/zdms/v1/QuarantineRequest.ts';
import type { Document } from '../../proto/generated/zdms/v1/Document.ts';
import type { OperatorServiceHandlers } from '../../proto/generated/zdms/v1/OperatorService.ts';
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
import { ZdmsError } from '../../lib/zdms-error.ts';
import { sortedNaturally } from '../core/planning/natural-order.ts';
import type { Clock } from '../ports/clock.ts';
import type { Operations } from '../ports/operations.ts';
import { parseCveId } from './cve-id.ts';
import { cveDocument } from './documents/cve.ts';
import { fileComparisonDocument } from './documents/file-comparison.ts';
import { haltDocument, unhaltDocument } from './documents/halt.ts';
import { hostDocument } from './documents/host.ts';
import { planDifferenceDocument } from './documents/plan-difference.ts';
import { planDocument } from './documents/plan.ts';
import { reportDocument } from './documents/report.ts';
import { rolloutListDocument } from './documents/rollout-list.ts';
import { rolloutDocument } from './documents/rollout.ts';
import { whatIfDocument } from './documents/what-if.ts';
import { whyDocument } from './documents/why.ts';
import { parseHostsToLose } from './hosts-to-lose.ts';
import { parseHostToInvite } from './host-to-invite.ts';
import { parseLabelChange } from './label-change.ts';
import type { OperatorLog } from './operator-log.ts';
import { parseVersion } from './parse-version.ts';
import { statusError } from './status-error.ts';
import { watchRollout } from './watch-rollout.ts';

/** The handlers of `zdms.v1.OperatorService`: each asks `operations` and answers with a document. */
export function operatorService(operations: Operations, log: OperatorLog, clock: Clock): OperatorServiceHandlers {
  function unary<Request>(
    method: string,
    answer: (request: Request) => Promise<unknown>,
  ): handleUnaryCall<Request, Document> {
    return (call, callback) => {
      answer(call.request).then(
        (document) => callback(null, { json: JSON.stringify(document) }),
        (error: unknown) => {
          if (!(error instanceof ZdmsError)) log.error({ method, err: error }, 'an operator call failed');
          callback(statusError(error));
        },
      );
    };
  }
  const documents = documentsOf(operations, () => clock.now());
  return {
    ListHosts: unary('ListHosts', () => documents.hosts()),
    ShowHost: unary('ShowHost', ({ host }) => documents.host(host)),
    InviteHost: unary('InviteHost', (request) => documents.invitation(request)),
    Plan: unary('Plan', (request) => documents.plan(request)),
    ShowPlan: unary('ShowPlan', ({ plan }) => documents.storedPlan(plan)),
    ComparePlans: unary('ComparePlans', ({ from, to }) => documents.plansCompared(from, to)),
    CompareFiles: unary('CompareFiles', ({ plan }) => documents.filesCompared(plan)),
    Apply: unary('Apply', (request) => documents.applied(request)),
    Watch: (call) => void watchRollout(call, operations, log, clock),
    Status: unary('Status', ({ rollout }) => documents.rollout(rollout)),
    ListNames: unary('ListNames', () => operations.names() satisfies Promise<NamesDocument>),
    ListRollouts: unary('ListRollouts', () => documents.rollouts()),
    Health: unary('Health', () => operations.health() satisfies Promise<HealthDocument>),
    Why: unary('Why', ({ host }) => documents.why(host)),
    WhatIf: unary('WhatIf', ({ lose }) => documents.whatIf(lose)),
    ShowCve: unary('ShowCve', ({ cve }) => documents.cve(cve)),
    Pause: unary('Pause', (request) =>
      documents.commanded(request, (id) => operations.pause(id, request.operator, request.reason)),
    ),
    Resume: unary('Resume', (request) => documents.commanded(request, (id) => operations.resume(id, request.operator))),
    Abort: unary('Abort', (request) =>
      documents.commanded(request, (id) => operations.abort(id, request.operator, request.reason)),
    ),
    Report: unary('Report', ({ rollout }) => documents.report(rollout)),
    ReadJournal: unary(
      'ReadJournal',
      ({ rollout, limit }) => operations.journal(rollout, limit) satisfies Promise<JournalDocument>,
    ),
    Halt: unary('Halt', ({ operator, reason }) => documents.halted(operator, reason)),
    Unhalt: unary('Unhalt', ({ operator }) => documents.unhalted(operator)),
    Quarantine: unary('Quarantine', (request) => documents.quarantine(request)),
    Retry: unary('Retry', ({ host, operator, rollout }) => documents.retried(host, operator, rollout)),
    Release: unary('Release', (request) => documents.released(request)),
    LabelHost: unary('LabelHost', (request) => documents.labelled(request)),
    RemoveHost: unary('RemoveHost', ({ host }) => documents.removed(host)),
  };
}

/** What `operations` answers, as documents. */
function documentsOf(operations: Operations, now: () => number) {
  async function rollout(id: string): Promise<RolloutDocument> {
    return rolloutDocument(await operations.rollout(id));
  }
  async function hosts(): Promise<readonly HostDocument[]> {
    const views = sortedNaturally(await operations.hosts(), ({ host }) => host.id);
    return views.map((view) => hostDocument(view, now()));
  }
  return {
    ...planDocumentsOf(operations),
    ...wordDocumentsOf(operations),
    rollout,
    hosts,
    async host(id: string): Promise<HostDocument> {
      const found = (await operations.hosts()).find((view) => view.host.id === id);
      if (found === undefined) throw unknownHost(id);
      return hostDocument(found, now());
    },
    async invitation(request: InviteHostRequest__Output): Promise<InvitationDocument> {
      const host = parseHostToInvite(request);
      return { host: host.id, ...(await operations.invite(host)) };
    },
    /** On the wire a count of 0 says that nobody was asked. */
    async applied({ plan, operator, confirmedHosts }: ApplyRequest__Output): Promise<RolloutDocument> {
      return rollout(await operations.apply(planHash(plan), operator, confirmedHosts === 0 ? null : confirmedHosts));
    },
    async rollouts(): Promise<RolloutListDocument> {
      const { rollouts, world } = await operations.openRollouts();
      return rolloutListDocument(rollouts, world, now());
    },
    async why(host: string): Promise<WhyDocument> {
      return whyDocument(host, await operations.why(host), now());
    },
    async whatIf(lose: readonly string[]): Promise<WhatIfDocument> {
      return whatIfDocument(await operations.whatIf(parseHostsToLose(lose)), now());
    },
    async cve(id: string): Promise<CveDocument> {
      return cveDocument(await operations.cve(parseCveId(id)), now());
    },
    /** An empty id is settled before the command, so that the answer is about the same rollout. */
    async commanded(request: CommandRequest__Output, command: (id: string) => Promise<void>): Promise<RolloutDocument> {
      const { rollout: found } = await operations.rollout(request.rollout);
      await command(found.id);
      return rollout(found.id);
    },
    async report(id: string): Promise<ReportDocument> {
      return reportDocument(await operations.report(id), now());
    },
    async retried(host: string, operator: string, wanted: string): Promise<RolloutDocument> {
      return rollout(await operations.retry(host, operator, wanted));
    },
    async released(request: HostCommandRequest__Output): Promise<RolloutDocument> {
      const { host, operator, reason } = request;
      if (reason.trim() === '') throw needsReason();
      return rollout(await operations.release(host, operator, reason, request.rollout));
    },
    async labelled(request: LabelHostRequest__Output): Promise<HostDocument> {
      const { host, set, unset } = parseLabelChange(request);
      return hostDocument(await operations.label(host, set, unset), now());
    },
    async removed(host: string): Promise<RemovedHostDocument> {
      return { host, removed: await operations.removeHost(host) };
    },
  };
}

/** A person's word about the whole fleet. */
function wordDocumentsOf(operations: Operations) {
  return {
    async halted(operator: string, reason: string): Promise<HaltDocument> {
      return haltDocument(await operations.halt(operator, reason));
    },
    async unhalted(operator: string): Promise<HaltDocument> {
      return unhaltDocument(await operations.unhalt(operator));
    },
    async quarantine({ add, lift, ...request }: QuarantineRequest__Output): Promise<QuarantineDocument> {
      const change = { ...request, add: add.map(parseVersion), lift: lift.map(parseVersion) };
      const versions = await operations.quarantine(change);
      return { versions: versions.map(({ text, ...each }) => ({ ...each, reason: text })) };
    },
  };
}

function planDocumentsOf(operations: Operations) {
  return {
    async plan({ changeFile, changeText, barrier }: PlanRequest__Output): Promise<PlanDocument> {
      return planDocument(await operations.plan({ file: changeFile, text: changeText, barrier }));
    },
    async plansCompared(from: string, to: string): Promise<PlanDifferenceDocument> {
      const [first, second] = [planHash(from), planHash(to)];
      return planDifferenceDocument(await operations.showPlan(first), await operations.showPlan(second));
    },
    async filesCompared(prefix: string): Promise<FileComparisonDocument> {
      return fileComparisonDocument(await operations.compareFiles(planHash(prefix)));
    },
    async storedPlan(prefix: string): Promise<PlanDocument> {
      return planDocument(await operations.showPlan(planHash(prefix)));
    },
  };
}

/** Plans are printed as `p7f3a12c`; the `p` is not part of the hash. */
function planHash(prefix: string): string {
  if (!/^p?[0-9a-f]{4,64}$/.test(prefix)) {
    throw new ZdmsError(
      'ZDMS_PLAN_NAME_INVALID',
      `\`${prefix}\` is not the name of a plan`,
      'Name it as `zdms plan` printed it, for example p7f3a12c.',
    );
  }
  return prefix.replace(/^p/, '');
}

function needsReason(): ZdmsError {
  return new ZdmsError(
    'ZDMS_REASON_NEEDED',
    'a release needs a reason, since a person takes over what zdms owes',
    'Say why: zdms release HOST --reason "disk is being replaced by hand".',
  );
}

function unknownHost(id: string): ZdmsError {
  return new ZdmsError('ZDMS_HOST_UNKNOWN', `there is no host \`${id}\``, '`zdms host ls` lists all hosts.');
}
