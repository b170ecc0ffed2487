import { reply as replySchema, requestLineBytesMax } from '../../../proto/zdms/v1/executor.ts';
import type { Reply } from '../../../proto/zdms/v1/executor.ts';
import type { Host, HostId } from '../../core/fleet.ts';
import { HostUnreachableError, ReplyLostError } from '../../ports/host-shell.ts';
import type { ExecutorRequest, HostShell } from '../../ports/host-shell.ts';
import { openSession } from './session.ts';
import type { Session } from './session.ts';

export interface Ssh2HostShellOptions {
  /** OpenSSH format; the controller's own key. */
  readonly privateKey: string;
  /** From TCP connect to a ready channel, at most (ms). Short: while a host reboots, the caller asks again and again. */
  readonly connectDeadlineMs?: number;
  /** A silent peer is asked this often, and given up after three questions without an answer (ms). */
  readonly keepaliveEveryMs?: number;
  /** A connection that nobody used for this long is closed: the SSH path is open only while it is needed (ms). */
  readonly idleMs?: number;
}

const defaults = { connectDeadlineMs: 3000, keepaliveEveryMs: 1000, idleMs: 60_000 };

/** One request that was written and not answered yet. */
interface Pending {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

/** One host's connection, from the first attempt to its end. */
interface Line {
  readonly key: string;
  readonly session: Promise<Session>;
  readonly pending: Map<string, Pending>;
  /** Set once it is over: it carries nothing more. */
  ended: boolean;
  idleTimer: NodeJS.Timeout | null;
}

/** The way to executors over SSH: one connection per host, one channel on it, many requests on that. */
export function ssh2HostShell(options: Ssh2HostShellOptions): HostShell {
  return new Ssh2HostShell(options);
}

class Ssh2HostShell implements HostShell {
  readonly #options: Required<Ssh2HostShellOptions>;
  readonly #lines = new Map<HostId, Line>();
  #lastId = 0;
  #closed = false;

  constructor(options: Ssh2HostShellOptions) {
    this.#options = { ...defaults, ...options };
  }

  async send(host: Host, request: ExecutorRequest, deadlineMs: number, isWanted = always): Promise<Reply> {
    if (this.#closed) throw new HostUnreachableError('the controller is stopping');
    this.#lastId += 1;
    const id = String(this.#lastId);
    const text = `${JSON.stringify({ id, order: request.order, request: request.request })}\n`;
    if (Buffer.byteLength(text) > requestLineBytesMax)
      throw new HostUnreachableError(`the request is longer than ${requestLineBytesMax} bytes`);
    const endsAt = performance.now() + deadlineMs;
    const line = this.#lineTo(host);
    const session = await beforeDeadline(
      line.session,
      deadlineMs,
      () => new HostUnreachableError(`no connection within ${deadlineMs} ms`),
    );
    // The line may have ended between the connection and our turn: nothing was written yet.
    if (line.ended) throw new HostUnreachableError('the connection was closed before the request was sent');
    if (!isWanted()) throw new HostUnreachableError('it was called off before it was sent');
    return this.#exchange(line, session, id, text, endsAt);
  }

  drop(host: Host): void {
    const line = this.#lines.get(host.id);
    if (line !== undefined) this.#end(host.id, line, 'the connection was dropped');
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const [host, line] of this.#lines) this.#end(host, line, 'the controller is stopping');
  }

  /** The line to this host, or to where it is now: a changed address or host key is another line. */
  #lineTo(host: Host): Line {
    const key = JSON.stringify([host.address, host.sshPort, host.hostKey]);
    const present = this.#lines.get(host.id);
    if (present?.key === key) return present;
    if (present !== undefined) this.#end(host.id, present, 'the host is somewhere else now');
    const pending = new Map<string, Pending>();
    const session = openSession({
      host,
      privateKey: this.#options.privateKey,
      connectDeadlineMs: this.#options.connectDeadlineMs,
      keepaliveEveryMs: this.#options.keepaliveEveryMs,
      onLine: (text) => this.#receive(host.id, line, text),
      onEnd: (detail) => this.#end(host.id, line, detail),
    });
    const line: Line = { key, session, pending, ended: false, idleTimer: null };
    this.#lines.set(host.id, line);
    // A failed attempt is over at once: the next request makes its own.
    session.then(
      (ready) => this.#waitIdle(line, ready),
      (error: unknown) => this.#end(host.id, line, String(error)),
    );
    return line;
  }

  async #exchange(line: Line, session: Session, id: string, text: string, endsAt: number): Promise<Reply> {
    if (line.idleTimer !== null) clearTimeout(line.idleTimer);
    const answered = new Promise<Reply>((resolve, reject) => line.pending.set(id, { resolve, reject }));
    session.write(text);
    const leftMs = Math.max(0, endsAt - performance.now());
    try {
      return await beforeDeadline(answered, leftMs, () => new ReplyLostError('no reply before the deadline'));
    } finally {
      line.pending.delete(id);
      if (line.pending.size === 0 && !line.ended) this.#waitIdle(line, session);
    }
  }

  #waitIdle(line: Line, session: Session): void {
    if (line.idleTimer !== null) clearTimeout(line.idleTimer);
    line.idleTimer = setTimeout(() => session.destroy('nobody used the connection'), this.#options.idleMs);
    line.idleTimer.unref();
  }

  #receive(host: HostId, line: Line, text: string): void {
    const parsed = replySchema.safeParse(tryJson(text));
    if (!parsed.success) {
      // Whoever speaks here is no executor of ours, or its output is mixed up: no other line of it can be trusted.
      this.#end(host, line, 'the executor answered something that is no reply');
      return;
    }
    // An id that nobody waits for is a reply after its deadline: `status` will tell.
    line.pending.get(parsed.data.id)?.resolve(parsed.data);
  }

  #end(host: HostId, line: Line, detail: string): void {
    if (line.ended) return;
    line.ended = true;
    if (line.idleTimer !== null) clearTimeout(line.idleTimer);
    if (this.#lines.get(host) === line) this.#lines.delete(host);
    for (const { reject } of line.pending.values()) reject(new ReplyLostError(detail));
    void line.session.then(
      (session) => session.destroy(detail),
      () => undefined,
    );
  }
}

function always(): boolean {
  return true;
}

async function beforeDeadline<Result>(work: Promise<Result>, deadlineMs: number, late: () => Error): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), deadlineMs);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
