import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, it } from 'mocha';
import { readAgentIdentity } from '../../../agent/agent-identity.ts';
import { runDaemon } from '../../../agent/daemon/run-daemon.ts';
import { enrol } from '../../../agent/enrol/enrol.ts';
import type { EnrolmentParts, EnrolmentResult } from '../../../agent/enrol/enrol.ts';
import type { EnrolmentDocument } from '../../../agent/enrol/enrolment-document.ts';
import { renewIdentity } from '../../../agent/enrol/request-identity.ts';
import { hostFiles } from '../../../agent/host-files.ts';
import { ZdmsError } from '../../../lib/zdms-error.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../support/temporary-directory.ts';
import { FakeController, validToken } from './fake-controller.ts';

const running: { stop(): void }[] = [];

async function startController(): Promise<FakeController> {
  const controller = await FakeController.start();
  running.push(controller);
  return controller;
}

function documentFor(controller: FakeController): EnrolmentDocument {
  return {
    hostId: 'web-1',
    controller: controller.address,
    caPem: controller.caPem,
    token: validToken,
    labels: { role: 'web', zone: 'a' },
    orderPublicKeyPem: '-----BEGIN PUBLIC KEY-----\nabc\n-----END PUBLIC KEY-----\n',
    sshPublicKey: 'ssh-ed25519 AAAA',
  };
}

async function enrolIn(
  root: string,
  document: EnrolmentDocument,
): Promise<{ result: EnrolmentResult; systemctl: string[] }> {
  const systemctl: string[] = [];
  const parts: EnrolmentParts = {
    files: hostFiles(root),
    agentVersion: '0.0.1',
    agentUser: { uid: process.getuid!(), gid: process.getgid!() },
    readBootId: async () => 'boot-1',
    survey: async () => null,
    systemctl: async (argv) => void systemctl.push(argv.join(' ')),
  };
  return { result: await enrol(document, parts), systemctl };
}

/** Runs the daemon on these files until it is told to stop. */
function startDaemon(root: string): { readonly log: string[]; stop(): Promise<void> } {
  const log: string[] = [];
  const stop = new AbortController();
  mkdirSync(dirname(hostFiles(root).daemonState), { recursive: true });
  const ended = runDaemon(hostFiles(root), stop.signal, (line) => log.push(line));
  return {
    log,
    stop: () => {
      stop.abort();
      return ended;
    },
  };
}

describe('enrolment', () => {
  afterEach(() => {
    for (const one of running.splice(0)) one.stop();
    removeTemporaryDirectories();
  });

  it('gets a certificate for a token and leaves the host ready to report and to be reached', async () => {
    const root = temporaryDirectory();
    const controller = await startController();
    const { result, systemctl } = await enrolIn(root, documentFor(controller));
    const files = hostFiles(root);

    assert.equal(result.hostId, 'web-1');
    assert.ok(result.certificateUntil > Date.now());
    assert.equal(statSync(files.identity).mode & 0o777, 0o600);
    assert.deepEqual(JSON.parse(readFileSync(files.configuration, 'utf8')), {
      hostId: 'web-1',
      controller: controller.address,
      labels: { role: 'web', zone: 'a' },
    });
    assert.equal(
      readFileSync(files.authorizedKeys, 'utf8'),
      'restrict,command="sudo -n /usr/bin/zdms-agent exec" ssh-ed25519 AAAA\n',
    );
    assert.match(systemctl.join('\n'), /^enable .*zdms-agent\.service .*\nrestart .*zdms-agent\.service$/);
  });

  it('changes nothing when the token is refused', async () => {
    const root = temporaryDirectory();
    const controller = await startController();
    const refused = enrolIn(root, { ...documentFor(controller), token: 'not-the-right-token' });
    await assert.rejects(refused, (error) => error instanceof ZdmsError && error.code === 'ZDMS_ENROL_REFUSED');
    assert.throws(() => statSync(join(root, 'etc')));
  });

  it('trusts no controller but the one of its own authority', async () => {
    const [controller, impostor] = [await startController(), await startController()];
    const document = { ...documentFor(impostor), caPem: controller.caPem };
    await assert.rejects(enrolIn(temporaryDirectory(), document), /gave no answer/);
  });

  it('refuses a certificate for another host', async () => {
    const controller = await startController();
    const document = { ...documentFor(controller), token: `${validToken}.web-2` };
    await assert.rejects(enrolIn(temporaryDirectory(), document), /certificate for web-2, not for web-1/);
  });

  it('can be renewed by the certificate alone', async () => {
    const root = temporaryDirectory();
    const controller = await startController();
    await enrolIn(root, documentFor(controller));
    const present = (await readAgentIdentity(hostFiles(root).identity))!;
    const next = await renewIdentity({ ...documentFor(controller) }, present);
    assert.notEqual(next.certificatePem, present.certificatePem);
    assert.notEqual(next.keyPem, present.keyPem);
  });
});

describe('the daemon', () => {
  afterEach(() => {
    for (const one of running.splice(0)) one.stop();
    removeTemporaryDirectories();
  });

  it('says so and ends when the host is not enrolled', async () => {
    const daemon = startDaemon(temporaryDirectory());
    await daemon.stop();
    assert.match(daemon.log.join('\n'), /^not enrolled yet/);
  });

  it('reports over mTLS as the host of its certificate, and runs the checks it is told', async () => {
    const root = temporaryDirectory();
    const controller = await startController();
    const port = Number(controller.address.split(':')[1]);
    const check = { name: `tcp:${port}`, kind: 'tcp', port, path: '' };
    controller.settings = { beatEveryMs: 200, fleetSize: 1, checks: [check] };
    await enrolIn(root, documentFor(controller));

    const daemon = startDaemon(root);
    await controller.received((messages) => messages.filter(({ checks }) => checks.length === 1).length >= 2);
    await daemon.stop();

    const [first, ...later] = controller.messages;
    assert.equal(first?.peer, 'web-1');
    assert.equal(first.message.report?.labels['role'], 'web');
    assert.match(first.message.bootId, /^[0-9a-f-]{36}$/);
    assert.ok((first.message.vitals?.memoryTotalBytes ?? 0) > 0);
    assert.equal(later.at(-1)?.message.report, null);
    assert.deepEqual(
      later.at(-1)?.message.checks.map(({ name, passed }) => [name, passed]),
      [[check.name, true]],
    );
  });

  it('connects again with a full report when the controller ends the stream', async () => {
    const root = temporaryDirectory();
    const controller = await startController();
    await enrolIn(root, documentFor(controller));

    const daemon = startDaemon(root);
    await controller.received((messages) => messages.length >= 2);
    controller.endStreams();
    await controller.received((messages) => messages.filter(({ sequence }) => sequence === 1).length === 2);
    await daemon.stop();

    const starts = controller.messages.filter(({ message }) => message.sequence === 1);
    assert.ok(starts.every(({ message }) => message.report !== null));
    assert.equal(controller.messages.at(-1)?.peer, 'web-1');
  });
});
