import { randomBytes } from 'node:crypto';
import { ZdmsError } from '../../../lib/zdms-error.ts';
import type { InvitationDocument } from '../../../proto/zdms/v1/documents.ts';
import type { CliContext } from '../cli-context.ts';
import type { OperatorClient } from '../operator-client.ts';
import { agentPackageOf, findAgentPackage } from './agent-package.ts';
import type { AgentPackage } from './agent-package.ts';
import type { InstallTarget } from './install-target.ts';
import { mustSucceed } from './must-succeed.ts';
import { keepPackage, offerPackage } from './own-repository.ts';
import { openRemoteHost } from './remote-host.ts';
import type { RemoteHost } from './remote-host.ts';
import type { SshConfiguration } from './ssh-configuration.ts';
import type { HostAccess } from './host-access.ts';

const LOOK_DEADLINE_MS = 30_000;
const CLEAN_UP_DEADLINE_MS = 15_000;
/** Some 40 MB over a slow line. */
const COPY_DEADLINE_MS = 600_000;
/** Seconds on most hosts, minutes on an emulated or badly overloaded one; dpkg that is cut off leaves the host for a person to mend. */
const DPKG_DEADLINE_MS = 600_000;
/** The agent makes its key, enrols, surveys the host for the first time. */
const ENROL_DEADLINE_MS = 180_000;
/** The agent's start: two minutes were seen in an emulated machine on a busy one. */
const FIRST_REPORT_DEADLINE_MS = 300_000;
const FIRST_REPORT_POLL_MS = 500;
/** Another dpkg (unattended upgrades, the first boot) is waited for: 24 x 5 s. */
const LOCK_TRIES = 24;
const LOCK_GAP_MS = 5_000;

/** One host whose key is settled. */
export interface HostToInstall {
  readonly target: InstallTarget;
  readonly configuration: SshConfiguration;
  /** "ssh-ed25519 AAAA..." */
  readonly hostKey: string;
}

export interface InstallTools {
  readonly client: OperatorClient;
  readonly context: CliContext;
  readonly access: HostAccess;
  /** Null: the newest for the host's architecture. */
  readonly packageFile: string | null;
  /** One line per phase. */
  readonly progress: (host: string, text: string) => void;
}

/** Puts the agent on one host that has an older one as an update on offer; a rollout installs it. Throws ZdmsError, naming what failed. */
export async function offerToHost(
  { target, configuration, hostKey }: HostToInstall,
  tools: InstallTools,
): Promise<void> {
  const remote = await openRemoteHost(target, configuration, hostKey, tools.access);
  try {
    const agentPackage = await choosePackage(remote, tools.packageFile);
    const installed = await installedVersion(remote);
    if (installed === null) throw noAgent(target.id);
    if (installed === agentPackage.version) {
      tools.progress(target.id, `has zdms-agent ${installed} already`);
      return;
    }
    await withCopy(remote, target.id, agentPackage, tools, (file) => offerPackage(remote, file, agentPackage));
    tools.progress(target.id, `zdms-agent ${agentPackage.version} on offer, ${installed} installed`);
  } finally {
    await remote.close();
  }
}

function noAgent(id: string): ZdmsError {
  return new ZdmsError(
    'ZDMS_HOST_HAS_NO_AGENT',
    `${id} has no agent that a rollout could upgrade`,
    'Install it: the same command without --offer.',
  );
}

/** Puts the agent on one host, enrols it, and waits until the controller has seen it. Throws ZdmsError, naming what failed. */
export async function installHost(host: HostToInstall, tools: InstallTools): Promise<void> {
  const { target, configuration, hostKey } = host;
  const remote = await openRemoteHost(target, configuration, hostKey, tools.access);
  try {
    // One after the other: the first one makes the connection.
    const agentPackage = await choosePackage(remote, tools.packageFile);
    const installed = await installedVersion(remote);
    if (installed === agentPackage.version) tools.progress(target.id, `has zdms-agent ${installed} already`);
    else {
      await withCopy(remote, target.id, agentPackage, tools, async (file) => {
        await installFile(remote, file, tools);
        await keepPackage(remote, file, agentPackage);
      });
      tools.progress(target.id, `zdms-agent ${agentPackage.version} installed`);
    }
    // As late as can be: the token in it is good for an hour, and for one use.
    const invitation = await invite(host, tools);
    await enrol(remote, target, invitation);
    tools.progress(target.id, 'enrolled');
    await waitForFirstReport(target.id, tools.context.now(), tools);
  } finally {
    await remote.close();
  }
}

function invite(
  { target, configuration, hostKey }: HostToInstall,
  { client }: InstallTools,
): Promise<InvitationDocument> {
  const { hostname: address, port: sshPort } = configuration;
  return client.inviteHost({ host: target.id, address, sshPort, labels: target.labels, hostKey });
}

/** The package that a host gets: the one that is named, or the newest for its architecture. Throws ZdmsError. */
export async function choosePackage(remote: RemoteHost, packageFile: string | null): Promise<AgentPackage> {
  const { stdout } = mustSucceed(
    await remote.run(['dpkg', '--print-architecture'], { deadlineMs: LOOK_DEADLINE_MS }),
    'ZDMS_HOST_UNSUPPORTED',
    'dpkg does not work there',
    'zdms installs its agent on Debian and Ubuntu.',
  );
  const architecture = stdout.trim();
  if (packageFile === null) return findAgentPackage(architecture);
  const named = agentPackageOf(packageFile);
  if (named.architecture === architecture || named.architecture === 'all') return named;
  throw new ZdmsError(
    'ZDMS_AGENT_PACKAGE_INVALID',
    `${packageFile} is for ${named.architecture}, the host is ${architecture}`,
    'Name a package for that architecture with --package FILE.',
  );
}

/** The version of the agent there. Null: not installed, or not wholly. */
export async function installedVersion(remote: RemoteHost): Promise<string | null> {
  const query = ['dpkg-query', '-W', '-f=${db:Status-Abbrev}${Version}', 'zdms-agent'];
  const { exitCode, stdout } = await remote.run(query, { deadlineMs: LOOK_DEADLINE_MS });
  const [, version] = /^ii\s+(\S+)$/.exec(stdout.trim()) ?? [];
  return exitCode === 0 ? (version ?? null) : null;
}

/** Copies the package to the host for as long as it is used there. */
async function withCopy(
  remote: RemoteHost,
  id: string,
  wanted: AgentPackage,
  tools: InstallTools,
  use: (file: string) => Promise<void>,
): Promise<void> {
  // Nobody can guess the name, and `excl` opens no file or link that is there already.
  const file = `/tmp/zdms-agent-${randomBytes(16).toString('hex')}.deb`;
  try {
    mustSucceed(
      await remote.run(['dd', `of=${file}`, 'conv=excl', 'bs=64k'], {
        inputFile: wanted.file,
        deadlineMs: COPY_DEADLINE_MS,
      }),
      'ZDMS_COPY_FAILED',
      'copying the package failed',
      'See that /tmp on the host is writable and has room for it.',
    );
    tools.progress(id, `zdms-agent ${wanted.version} copied`);
    await use(file);
  } finally {
    // A host that cannot be reached any more keeps it until its /tmp is cleared; nothing that a person has to know.
    const command = { deadlineMs: CLEAN_UP_DEADLINE_MS, evenIfInterrupted: true };
    await remote.run(['rm', '-f', '--', file], command).catch(() => undefined);
  }
}

async function installFile(remote: RemoteHost, file: string, { context, access }: InstallTools): Promise<void> {
  const dpkg = ['env', 'DEBIAN_FRONTEND=noninteractive', 'dpkg', '--force-confdef', '--force-confold', '-i', file];
  for (let attempt = 1; ; attempt += 1) {
    const result = await remote.runAsRoot(dpkg, { deadlineMs: DPKG_DEADLINE_MS });
    if (result.exitCode === 0) return;
    const locked = /lock.*(was locked|is locked|temporarily unavailable)|locked by another process/i.test(
      result.stderr,
    );
    if (!locked || attempt === LOCK_TRIES) {
      mustSucceed(
        result,
        'ZDMS_PACKAGE_FAILED',
        'dpkg -i failed',
        'Mend dpkg on the host (dpkg --configure -a), then run it again.',
      );
    }
    await context.sleep(LOCK_GAP_MS, access.signal);
  }
}

async function enrol(remote: RemoteHost, target: InstallTarget, invitation: InvitationDocument): Promise<void> {
  const { controller, caPem, token, orderPublicKeyPem, sshPublicKey } = invitation;
  const { id: hostId, labels } = target;
  const document = { hostId, controller, caPem, token, labels, orderPublicKeyPem, sshPublicKey };
  const result = await remote.runAsRoot(['zdms-agent', 'enrol'], {
    input: `${JSON.stringify(document)}\n`,
    deadlineMs: ENROL_DEADLINE_MS,
  });
  mustSucceed(
    result,
    'ZDMS_ENROL_FAILED',
    'zdms-agent enrol failed',
    `See that the host reaches the controller at ${controller}, then run it again.`,
  );
}

/** A beat from before the enrolment may be that of an agent that was replaced. */
async function waitForFirstReport(id: string, since: number, { client, context, access }: InstallTools): Promise<void> {
  const deadline = since + FIRST_REPORT_DEADLINE_MS;
  while (!access.signal.aborted) {
    const { connected, lastBeatAt, bootId } = await client.showHost(id);
    if (connected && bootId !== null && lastBeatAt !== null && lastBeatAt >= since) return;
    if (context.now() > deadline) {
      throw new ZdmsError(
        'ZDMS_NO_FIRST_REPORT',
        `the agent is enrolled, but the controller heard nothing of it for ${FIRST_REPORT_DEADLINE_MS / 1000} s`,
        'On the host: systemctl status zdms-agent; journalctl -u zdms-agent.',
      );
    }
    await context.sleep(FIRST_REPORT_POLL_MS, access.signal);
  }
}
