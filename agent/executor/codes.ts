/**
 * Every code with which the executor refuses a request or reports a failed step, each with its sentence.
 * docs/reference/reasons.md is generated from here. The wire carries the code as text; the set is closed on this side.
 */

/** Nothing was done. */
export const refusalCodes = {
  'bad-request': 'The line is no request: it is not JSON, too long, or has a field that the wire does not know.',
  'not-enrolled': 'This host has no host id or no order key yet: install it again.',
  'bad-signature': 'The order or the request is not signed by the key that this host trusts.',
  'wrong-order': 'The request names another order than the one it came with.',
  'wrong-host': 'The order or the request is for another host.',
  'order-expired': 'The order is past its not-after time: the controller must sign a new one.',
  'request-expired':
    'The request was signed too long ago, or in the future: compare the clocks of host and controller.',
  'verb-not-allowed': 'The order does not allow this verb.',
  'stale-epoch': 'A newer controller has spoken to this host; the sender was superseded and must stop.',
  overtaken: 'A later question found that this request had not arrived, and its sender has gone on without it.',
  'token-reused-differently': 'This token is recorded for another order, verb or argument.',
  'pool-not-in-order': 'The order does not name this backend or server.',
  'host-frozen': 'The freeze file exists on this host: nothing disruptive starts until a person removes it.',
  'pool-unreachable': 'The balancer on this host did not answer on its admin socket.',
  'no-such-server': 'The balancer knows no such backend or server.',
  'quorum-not-in-order': 'The order names no quorum group for this host, or not this member of it.',
  'quorum-unreachable': 'The member of the quorum group on this host did not answer.',
  'too-many-requests': 'Too many requests are open on this session: wait for replies.',
  'journal-failed':
    'The step journal cannot be read or written (disk full, damaged file); the message says which file.',
} as const satisfies Readonly<Record<string, string>>;
export type RefusalCode = keyof typeof refusalCodes;

/** The step ran and failed; what it changed is in its evidence and log. */
export const failureCodes = {
  'stale-epoch': 'A newer controller spoke to this host between the token and the work; nothing was done.',
  overtaken: 'Its sender asked for it between the token and the work, and has gone on without it; nothing was done.',
  'launch-failed': 'The detached unit could not be started; nothing was done.',
  'internal-error': 'A bug in the executor, or a failure that it has no better name for; the message has the details.',
  'lock-held': 'Another program holds the package lock; the message names it.',
  'packages-unclean': 'The package database is damaged in a way that has no known cure: a person has to repair it.',
  'package-held': 'A package of the order is on hold on this host.',
  'disk-full': 'Too little free space.',
  'boot-full': 'Too little free space in /boot for another kernel with its initrd.',
  'inodes-full': 'Too few free inodes.',
  'lists-unavailable': 'The package lists could not be refreshed.',
  'lists-unsigned':
    'The repository of a package is not signed by a key that this host trusts (expired, revoked, unknown).',
  'lists-outdated':
    "The lists of a package's repository have expired or are from the future: its mirror or this host's clock is wrong.",
  'distribution-unknown': 'zdms knows no package manager for the distribution that this host says it has.',
  'version-unobtainable': 'An exact version of the order is in no repository of this host.',
  'would-remove': 'The package manager would have to remove packages.',
  'unmet-dependencies': 'The package manager cannot satisfy the dependencies.',
  'mirror-unreachable': 'The repository of a package does not answer.',
  'download-failed': 'A package could not be downloaded.',
  'no-way-back': 'What is installed could not be had again, and the order wants a way back.',
  'digest-mismatch': 'A downloaded package is not the one that was planned.',
  'not-fetched': 'A package was not on the host when it was to be installed: fetch first.',
  'package-script-failed': 'A maintainer script of a package failed.',
  'half-installed': 'A package is left half-installed or half-configured.',
  'not-as-planned': 'A package has another version than the plan was made for; the host was left as it is. Plan again.',
  'versions-differ': 'The installed versions are not the wanted ones.',
  'package-manager-failed': 'The package manager failed in another way; the log has the details.',
  'package-manager-timeout': 'The package manager was still at work at the deadline and was left running.',
  'boot-id-differs': 'The host is not on the boot that the reboot was ordered for; it was not rebooted.',
  'booted-more-than-once': 'More than one boot happened since the reboot was ordered.',
  'old-kernel':
    'The host came back on an older kernel than the newest that is installed: the new one did not start (panic, hang), or the boot loader chose another.',
  'raid-degraded': 'An array of disks is not whole: a boot might be its last.',
  'unlock-attended': 'The host would wait for a passphrase at boot, and nobody would be there.',
  'reboot-inhibited': 'A program on the host forbids a shutdown; the message names it.',
  'users-logged-in':
    'People are logged in on the host, or it cannot tell, and the policy wants nobody disturbed by a reboot; the message names them.',
  'initrd-incomplete':
    "A newer kernel's initrd is empty or cut off, as a full /boot leaves it: the host would not start.",
  'dkms-missing': 'A kernel module of DKMS that the running kernel has was not built for the newer one.',
  'fallback-failed':
    'The boot loader did not take the running kernel as the one to come back to; the host was not rebooted.',
  'reboot-failed': 'The reboot could not be started.',
  'restart-failed': 'A service that ran old files did not come back from its restart; the message names it.',
  'old-files-mapped': 'A service that was restarted for it still runs files that the update has replaced.',
  'sshd-was-broken':
    'sshd would not start again with its configuration (`sshd -t`), and nothing of this was our doing: repair it first.',
  'sshd-broken':
    'After the packages came, sshd would not start again with its configuration (`sshd -t`). The one that runs still lets you in: repair it before it is restarted.',
  'file-refused':
    'A file of the order cannot be put where it is to be, or not be judged first; the message says what is in the way. No file was changed.',
  'file-invalid':
    'The program that reads a file says that it would not start with it; the message has its words. No file was changed.',
  'file-action-failed':
    'A program did not take the files (reload or restart failed); all of them were put back, and it was told so again.',
  'files-differ':
    'A file is not as ordered, or, after a way back, not as it was: somebody has changed it, or the files went back by themselves.',
  'not-a-new-connection':
    'Files that can close the way in are confirmed only over a connection that began after they were in force: connect anew, before they go back by themselves.',
  'fwupd-unavailable': 'fwupd, through which firmware is updated, is not on this host or does not answer.',
  'firmware-unobtainable':
    'fwupd knows no such device, or does not offer it exactly the firmware of the plan (version and digest). Nothing was written.',
  'firmware-not-ready':
    'fwupd says that a device cannot be updated now (no mains power, an earlier update that waits for its boot). Nothing was written.',
  'firmware-failed':
    "fwupd, or the machine's own firmware at boot, says that an update failed; the message has its words. It is not tried again under this plan.",
  'firmware-unknown':
    'Firmware was begun to be written and nobody knows how that ended (power cut, crash). It is never written again until a person has looked at the device; the message says how to go on.',
  'check-failed': 'A health check did not pass often enough in time.',
  'unit-failed': 'A systemd unit is failed that was not failed before.',
  'pool-unreachable': 'The balancer on this host did not answer on its admin socket.',
  'pool-refused': 'The balancer refused a command, or did not take the state that it was given.',
  'no-such-server': 'The balancer knows no such backend or server.',
  'last-server': 'No other server of the backend is up and ready: taking this one would stop the service.',
  'drain-timeout': 'Requests were still in flight at the deadline; the server was left draining.',
  'not-healthy': 'The balancer did not see the server healthy by a new check in time; it was left draining.',
  'quorum-unreachable': 'The member of the quorum group on this host did not answer.',
  'no-such-member': 'The quorum group has no member of this name.',
  'target-not-ready': 'The member that is to lead is no healthy voter.',
  'leader-not-moved': 'The group did not follow another leader in time.',
  'not-full-weight': 'The server is ready but did not come up at full weight in time.',
} as const satisfies Readonly<Record<string, string>>;
export type FailureCode = keyof typeof failureCodes;
