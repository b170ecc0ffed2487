import type { RequestBody } from '../../proto/zdms/v1/executor.ts';
import type { RolloutEvent } from '../../controller/core/event.ts';
import type { ExecutorRequest, HostShell } from '../../controller/ports/host-shell.ts';
import type { Requester } from '../../controller/ports/requester.ts';
import type { CommitRequest, CommitResult, Store } from '../../controller/ports/store.ts';

/** The ports through which a controller meets the world. */
export interface WorldPorts {
  readonly store: Store;
  readonly shell: HostShell;
  readonly requester: Requester;
}

/** `before` a commit nothing is written, before a send nothing has left, before a reply or a reading it is there and nobody has seen it. */
export type Side = 'before' | 'after';

/** Whoever waits at the boundaries of a controller. */
export interface Watchman {
  /** Called on both sides of each boundary; the controller goes on when it resolves. A commit has one name for each of its events. */
  readonly cross: (names: readonly string[], side: Side) => Promise<void>;
  /** Runs something as soon as the controller has done what it does at once. */
  readonly soon: (run: () => unknown) => void;
}

/** The same ports, with somebody who waits wherever the controller writes, sends, or hears something. */
export function withBoundaries({ store, shell, requester }: WorldPorts, watchman: Watchman): WorldPorts {
  return {
    store: storeAtBoundaries(store, watchman),
    shell: shellAtBoundaries(shell, watchman),
    requester: requesterAtBoundaries(requester, watchman),
  };
}

function storeAtBoundaries(store: Store, { cross }: Watchman): Store {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'commit')
        return async (request: CommitRequest): Promise<CommitResult> => {
          const names = request.events.map((event) => `commit ${eventName(event)}`);
          await cross(names, 'before');
          const result = await target.commit(request);
          await cross(names, 'after');
          return result;
        };
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}

function shellAtBoundaries(shell: HostShell, { cross, soon }: Watchman): HostShell {
  return {
    async send(host, request, deadlineMs, isWanted = always) {
      const name = requestName(request);
      await cross([`send ${name}`], 'before');
      const answer = shell.send(host, request, deadlineMs, () => {
        if (!isWanted()) return false;
        soon(() => cross([`send ${name}`], 'after'));
        return true;
      });
      // A failure is an answer too.
      await answer.catch(() => undefined);
      await cross([`reply ${name}`], 'before');
      soon(() => cross([`reply ${name}`], 'after'));
      return answer;
    },
    drop: (host) => shell.drop(host),
    close: () => shell.close(),
  };
}

function requesterAtBoundaries(requester: Requester, { cross, soon }: Watchman): Requester {
  const heard = async <Result>(name: string, asked: Promise<Result>): Promise<Result> => {
    const result = await asked;
    await cross([name], 'before');
    soon(() => cross([name], 'after'));
    return result;
  };
  return {
    check: (address, check, deadlineMs) => heard(`check ${address}`, requester.check(address, check, deadlineMs)),
    get: (url, options) => heard(`probe ${url}`, requester.get(url, options)),
  };
}

/** `intended web-1.drain.lb-1`, `slotTaken web-1`: the same in every run of the same plan. */
export function eventName(event: RolloutEvent): string {
  if ('token' in event) return `${event.kind} ${subjectOf(event.token)}`;
  return [event.kind, 'host' in event ? event.host : '', 'step' in event ? event.step : ''].join(' ').trim();
}

function requestName({ request }: ExecutorRequest): string {
  const { verb, token } = JSON.parse(request.body) as RequestBody;
  return `${verb} ${subjectOf(token)}`;
}

/** The token without its rollout and without its number, which counts attempts. */
function subjectOf(token: string): string {
  return token
    .split('.')
    .filter((part, index) => index > 0 && !/^\d+$/.test(part))
    .join('.');
}

function always(): boolean {
  return true;
}
