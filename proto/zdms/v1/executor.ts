/**
 * The SSH wire between the controller and a host's executor (`zdms-agent exec`), used by both ends.
 *
 * One line of JSON per request, one line per reply, many in flight on one session (matched by `id`).
 * Times are UTC milliseconds. Signatures are ed25519 over the exact bytes of `body`, base64; so nothing has to be canonical.
 */
import { z } from 'zod';

/** A request is refused by the executor when it is older than this, or this far in the future (ms). */
export const requestValidityMs = 60_000;
/** One request line; longer is refused unread (bytes). */
export const requestLineBytesMax = 1_048_576;
/** `status` may hold its reply back at most this long while the step still runs (ms). */
export const statusWaitMsMax = 10_000;

export const verbs = [
  'preflight',
  'fetch',
  'apply',
  'rollback',
  'reboot',
  'verify',
  'status',
  'pool',
  'quorum',
  'compare',
] as const;
const verb = z.enum(verbs);

export const hostId = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,62}$/);
/** Names one step of one host in one rollout, for ever: `ROLLOUT.HOST.STEP.ATTEMPT[.BALANCER]`. */
export const stepToken = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,199}$/);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const bootId = z.string().regex(/^[0-9a-f-]{36}$/);
const timeMs = z.int().min(0);

/** What dpkg (Debian policy 5.6.1 and 5.6.12) and rpm have; no leading `-` is possible, so none can become an option of a package manager. */
export const packageName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_+.-]{0,127}$/);
export const packageVersion = z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.+~^_:-]{0,127}$/);
export const exactPackage = z.strictObject({ name: packageName, version: packageVersion, sha256: hash.nullable() });
export type ExactPackage = z.infer<typeof exactPackage>;

/** What all files of an order may hold together (UTF-8 bytes): it goes with each request, quoted twice, which makes it up to four times as long. */
export const fileBytesMax = 131_072;
/** Absolute and normal: no `..`, no `//`, nothing that a shell or systemd would read as more than a name. */
export const filePath = z
  .string()
  .max(400)
  .regex(/^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._@+-]+)+$/);
export const accountName = z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/);
export const serviceUnit = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9:_.@-]{0,120}\.service$/);
/** What has to happen for a file to be in force. Whether its host is drained first is the plan's to say. */
export const fileAction = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('nothing') }),
  z.strictObject({ kind: z.literal('reload'), unit: serviceUnit }),
  z.strictObject({ kind: z.literal('restart'), unit: serviceUnit }),
  z.strictObject({ kind: z.literal('reboot') }),
]);
export type FileAction = z.infer<typeof fileAction>;
/**
 * By files that begin with these a host can lose its way in, and then nobody is there to put them back. Such a change goes back by itself unless
 * `verify` comes over a connection that began after it.
 */
const wayIn = [
  ...['/etc/ssh/', '/etc/systemd/system/ssh', '/etc/sudoers', '/etc/pam.d/', '/etc/security/', '/etc/nsswitch.conf'],
  ...['/etc/network/', '/etc/systemd/network/', '/etc/netplan/', '/etc/NetworkManager/', '/etc/sysconfig/network'],
  ...['/etc/nftables', '/etc/iptables/', '/etc/firewalld/', '/etc/ufw/', '/etc/hosts.allow', '/etc/hosts.deny'],
] as const;
/** One that is in force only after a boot cannot cut the host off before that. */
export function isOnWayIn({
  path,
  then,
}: {
  readonly path: string;
  readonly then: { readonly kind: string };
}): boolean {
  return then.kind !== 'reboot' && wayIn.some((prefix) => path.startsWith(prefix));
}

/** A regular file as the host is to have it. */
export const orderedFile = z.strictObject({
  path: filePath,
  /** Text. */
  content: z.string().max(fileBytesMax),
  /** Permission bits. */
  mode: z.int().min(0).max(0o777),
  owner: accountName,
  group: accountName,
  then: fileAction,
});
export type OrderedFile = z.infer<typeof orderedFile>;

/** As fwupd names its devices: the same name on every boot. */
export const firmwareDeviceId = z.string().regex(/^[0-9a-f]{40}$/);
/** One firmware for one device, by the version that fwupd tells. */
export const orderedFirmware = z.strictObject({
  device: firmwareDeviceId,
  version: packageVersion,
  /** What it has now: any other is another plan's to judge. */
  from: packageVersion,
  /** Of the cabinet, as fwupd's metadata has it. Null: it does not say. */
  sha256: hash.nullable(),
});
export type OrderedFirmware = z.infer<typeof orderedFirmware>;

const serverName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$/);
export const adminStates = ['ready', 'drain', 'maint'] as const;
export const adminState = z.enum(adminStates);
export type AdminState = z.infer<typeof adminState>;

/** What one host may be made to do under one plan. Signed once per host and plan by the controller's order key. */
export const orderBody = z.strictObject({
  v: z.literal(1),
  fleet: z.string().min(1).max(128),
  plan: hash,
  rollout: z.string().regex(/^[a-z0-9-]{1,40}$/),
  host: hostId,
  verbs: z.array(verb),
  packages: z.array(exactPackage).max(2000),
  /** Exact previous versions; `rollback` installs these. */
  wayBack: z.array(exactPackage).max(2000),
  /** `fetch` fails where not all of it can be had. */
  wayBackRequired: z.boolean().default(false),
  /**
   * Put in place by `apply`, all of them or none; `rollback` puts back what was there. Left out where there are none, so that executors
   * from before there were files understand the order.
   */
  files: z.array(orderedFile).max(50).optional(),
  /** The plan whose files `apply` puts back as they were before it. Left out likewise. */
  filesBack: hash.optional(),
  /** Written by `apply` after packages and files, each at most once for a plan; `rollback` leaves it. Left out likewise. */
  firmware: z.array(orderedFirmware).max(50).optional(),
  /** Backends and servers of the balancer on this host that `pool` may change. */
  pools: z
    .array(z.strictObject({ kind: z.literal('haproxy'), backend: serverName, servers: z.array(serverName).max(1000) }))
    .max(100),
  /** The quorum group that the member on this host votes in: leadership may be moved to these members, which have the names of their hosts. */
  quorum: z
    .strictObject({ kind: z.literal('etcd'), members: z.array(hostId).max(1000) })
    .nullable()
    .default(null),
  /**
   * May services be restarted that still run files which an apply or a rollback has replaced? `afterRollback`: a reboot follows each
   * apply, and none a rollback. `none` in orders of controllers from before there were restarts.
   */
  restarts: z.enum(['none', 'afterRollback', 'always']).default('none'),
  /** A host on which people are logged in is not rebooted. Left out where nobody asked for that, for executors from before it. */
  loggedInUsers: z.literal('refuse').optional(),
  notAfter: timeMs,
});
export type OrderBody = z.infer<typeof orderBody>;

const common = {
  v: z.literal(1),
  host: hostId,
  orderHash: hash,
  token: stepToken,
  epoch: z.int().min(1),
  issuedAt: timeMs,
};

export const httpCheck = z.strictObject({
  kind: z.literal('http'),
  port: z.int().min(1).max(65535),
  path: z.string().startsWith('/').max(1000),
});
export const tcpCheck = z.strictObject({ kind: z.literal('tcp'), port: z.int().min(1).max(65535) });
export const healthCheck = z.discriminatedUnion('kind', [httpCheck, tcpCheck]);
export type HealthCheck = z.infer<typeof healthCheck>;

export const poolAction = z.discriminatedUnion('kind', [
  /** Reads only. Answers at once. */
  z.strictObject({ kind: z.literal('show'), backend: serverName }),
  /** Sets drain, waits until the server has nothing in flight, then sets maint. Refuses to take the last server that is up. */
  z.strictObject({
    kind: z.literal('drain'),
    backend: serverName,
    server: serverName,
    waitMs: z.int().min(0).max(3_600_000),
  }),
  /** The way back: drain (checks run again) -> wait until healthy by a new check -> `restore`; for `ready`, waits until up at full weight. */
  z.strictObject({
    kind: z.literal('open'),
    backend: serverName,
    server: serverName,
    restore: adminState,
    waitMs: z.int().min(0).max(3_600_000),
  }),
]);

export const quorumAction = z.discriminatedUnion('kind', [
  /** Reads only: what the member on this host says of the whole group. Answers at once. */
  z.strictObject({ kind: z.literal('show') }),
  /** Hands leadership to `to`, and waits until the group says that it leads. The member on this host must be the leader; leading already elsewhere is success. */
  z.strictObject({ kind: z.literal('moveLeader'), to: hostId, waitMs: z.int().min(0).max(3_600_000) }),
]);

export const requestBody = z.discriminatedUnion('verb', [
  /** Can this host be patched and come back? Locks, disk, audit, holds, exact versions obtainable. Changes nothing. */
  z.strictObject({ ...common, verb: z.literal('preflight') }),
  /** Downloads the order's packages and its way back, and checks digests. Changes nothing that runs. */
  z.strictObject({ ...common, verb: z.literal('fetch') }),
  z.strictObject({ ...common, verb: z.literal('apply') }),
  z.strictObject({ ...common, verb: z.literal('rollback') }),
  /** Refused unless the host is still on `bootIdBefore` and the token is new: exactly one boot. */
  z.strictObject({ ...common, verb: z.literal('reboot'), bootIdBefore: bootId }),
  /** `times` passes in a row of every check, `intervalMs` apart; versions exact; audit clean; no unit failed. */
  z.strictObject({
    ...common,
    verb: z.literal('verify'),
    expect: z.enum(['packages', 'wayBack']),
    /** It was rebooted for these packages: a kernel among them has to be the one that runs. */
    afterReboot: z.boolean().default(false),
    checks: z.array(healthCheck).max(50),
    times: z.int().min(1).max(100),
    intervalMs: z.int().min(50).max(60_000),
    withinMs: z.int().min(1000).max(3_600_000),
  }),
  /** What is recorded for the token `of`. Holds the reply back up to `waitMs` while that step runs. */
  z.strictObject({
    ...common,
    verb: z.literal('status'),
    of: stepToken.nullable(),
    waitMs: z.int().min(0).max(statusWaitMsMax),
  }),
  z.strictObject({ ...common, verb: z.literal('pool'), action: poolAction }),
  z.strictObject({ ...common, verb: z.literal('quorum'), action: quorumAction }),
  /** What would `apply` change in the files of the order? Reads only. Answers at once. */
  z.strictObject({ ...common, verb: z.literal('compare') }),
]);
export type RequestBody = z.infer<typeof requestBody>;

export const signed = z.strictObject({ body: z.string().max(requestLineBytesMax), signature: z.base64() });
export type Signed = z.infer<typeof signed>;

export const requestLine = z.strictObject({ id: z.string().min(1).max(64), order: signed, request: signed });
export type RequestLine = z.infer<typeof requestLine>;

/** One server of a pool, as its balancer shows it. */
export const poolServer = z.strictObject({
  server: z.string(),
  admin: adminState,
  /** The balancer's own check says up and the state is not a transition. */
  up: z.boolean(),
  /** Share of the configured weight, 0 to 100. */
  weightPercent: z.number(),
  inFlight: z.int().min(0),
});
export type PoolServer = z.infer<typeof poolServer>;

/** One member of a quorum group, as the member that was asked sees it. */
export const quorumMember = z.strictObject({
  /** Its own name, which is its host's id; '' while it has never started. */
  name: z.string().max(128),
  /** False for a learner: it has no vote. */
  voter: z.boolean(),
  /** It answers, takes part in consensus and raises no alarm. */
  healthy: z.boolean(),
  leader: z.boolean(),
  /** How far it is behind the furthest log index that was seen, in entries; null: unknown. */
  lag: z.int().min(0).nullable(),
  /** What is wrong with it, in words; '' when nothing is. */
  detail: z.string().max(500),
});
export type QuorumMember = z.infer<typeof quorumMember>;

/** What `apply` would change in one file. */
export const fileDifference = z.strictObject({
  path: filePath,
  /** `new`: nothing is there; `unfit`: it could not be put there as the host is now, `detail` says why. */
  kind: z.enum(['same', 'new', 'changed', 'unfit']),
  /** In words: "mode 0644 -> 0600". */
  rights: z.array(z.string().max(200)).max(3),
  /** Of the content, unified, without a head; '' where that stays or is not shown. */
  diff: z.string().max(500_000),
  /** Of `diff`, that had no room. */
  moreLines: z.int().min(0),
  /** Why a content that changes is not shown, in words: "mode 0600". */
  detail: z.string().max(500),
});
export type FileDifference = z.infer<typeof fileDifference>;

/** What was seen on the host when a step ended. Null where a step has nothing to say about it. */
export const evidence = z.strictObject({
  bootId: bootId.nullable(),
  bootIdBefore: bootId.nullable(),
  /** Package name -> installed version; null when not installed. Only the order's packages. */
  versions: z.record(z.string(), z.string().nullable()),
  /** The pool right after a `pool` action; empty otherwise. */
  servers: z.array(poolServer),
  /** The group right after leadership moved; empty otherwise, and in journals from before there were groups. */
  members: z.array(quorumMember).default([]),
  /** After an apply or rollback: does the host say it needs a reboot? Null: cannot tell, or another step. */
  rebootNeeded: z.boolean().nullable(),
  /** Units that an apply or rollback restarted because they ran files that it had replaced; `systemd` is the manager itself. */
  restarted: z.array(z.string().max(256)).max(100).default([]),
  /** Time within the step that belongs to the host's programs (apt, health checks), by name, ms. */
  spentMs: z.record(z.string(), z.number()),
  /** Things worth a person's look that did not make the step fail (.dpkg-dist files, logins that still run old libraries). */
  remarks: z.array(z.string().max(500)).max(100),
});
export type Evidence = z.infer<typeof evidence>;

/** Kebab-case, closed by the executor; listed in docs/reference/reasons.md. */
const failureCode = z.string().regex(/^[a-z][a-z0-9-]{1,63}$/);

export const executorOutcome = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('succeeded'), evidence }),
  z.strictObject({ kind: z.literal('failed'), code: failureCode, message: z.string().max(4000), evidence }),
]);
export type ExecutorOutcome = z.infer<typeof executorOutcome>;

export const reply = z.discriminatedUnion('kind', [
  /** The token is on disk and the work goes on detached; ask `status`. */
  z.strictObject({ id: z.string(), kind: z.literal('accepted'), token: stepToken }),
  z.strictObject({
    id: z.string(),
    kind: z.literal('finished'),
    token: stepToken,
    startedAt: timeMs,
    finishedAt: timeMs,
    outcome: executorOutcome,
  }),
  /** Answer to `status`: still at work. */
  z.strictObject({ id: z.string(), kind: z.literal('running'), token: stepToken, startedAt: timeMs, bootId }),
  /**
   * Answer to `status`: this token never arrived here, and no request for it that was issued before this question will be carried out
   * any more. Also the answer to `of: null`, with what the host is now.
   */
  z.strictObject({
    id: z.string(),
    kind: z.literal('absent'),
    bootId,
    versions: z.record(z.string(), z.string().nullable()),
  }),
  /** Answer to `status`: the work began and ended without a record (power cut, killed). The world has to be inspected. */
  z.strictObject({
    id: z.string(),
    kind: z.literal('interrupted'),
    token: stepToken,
    startedAt: timeMs,
    bootId,
    versions: z.record(z.string(), z.string().nullable()),
  }),
  z.strictObject({ id: z.string(), kind: z.literal('shown'), servers: z.array(poolServer) }),
  z.strictObject({ id: z.string(), kind: z.literal('members'), members: z.array(quorumMember) }),
  z.strictObject({ id: z.string(), kind: z.literal('compared'), files: z.array(fileDifference).max(50) }),
  /** Nothing was done. `stale-epoch` names the highest epoch seen. */
  z.strictObject({
    id: z.string(),
    kind: z.literal('refused'),
    code: failureCode,
    message: z.string().max(4000),
    epochSeen: z.int().nullable(),
  }),
]);
export type Reply = z.infer<typeof reply>;
