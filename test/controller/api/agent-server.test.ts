import { status } from '@grpc/grpc-js';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { enrolIdentity, renewIdentity } from '../../../agent/enrol/request-identity.ts';
import { startAgentServer } from '../../../controller/api/agent-server.ts';
import type { AgentServer } from '../../../controller/api/agent-server.ts';
import { issueHostCertificate, readCertificateRequest } from '../../../controller/identity/certificates.ts';
import { initIdentity } from '../../../controller/identity/identity.ts';
import type { Identity } from '../../../controller/identity/identity.ts';
import { createInvitation } from '../../../controller/identity/invitation.ts';
import type { AgentWord } from '../../../controller/ports/telemetry.ts';
import { AgentClient, endOf, failsWith, nextSettings } from '../../support/agent-client.ts';
import type { ClientTrust } from '../../support/agent-client.ts';
import { certificateRequest } from '../../support/certificate-request.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { TelemetryRecorder } from '../../support/telemetry-recorder.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../support/temporary-directory.ts';

const bootId = '11111111-2222-3333-4444-555555555555';

describe('the port for agents', () => {
  let now: number;
  let monotonic: number;
  let identity: Identity;
  let store: MemoryStore;
  let telemetry: TelemetryRecorder;
  let server: AgentServer;
  let clients: AgentClient[];
  let warnings: string[];
  let removed: Set<string>;
  let agentWords: Map<string, AgentWord>;

  beforeEach(async () => {
    now = Date.now();
    monotonic = 0;
    clients = [];
    warnings = [];
    removed = new Set();
    agentWords = new Map();
    store = new MemoryStore(() => now);
    telemetry = new TelemetryRecorder();
    identity = await initIdentity(temporaryDirectory(), 'shop-eu', now);
    server = await startAgentServer({
      identity: {
        ...identity,
        checkCertificateRequest: readCertificateRequest,
        issueHostCertificate: (csrPem, host, at) => issueHostCertificate(identity, csrPem, host, at),
      },
      listen: { host: '127.0.0.1', port: 0 },
      store,
      isKnown: (host) => !removed.has(host),
      ...{ listener: telemetry, agentWords },
      clock: { now: () => now, monotonic: () => monotonic, sleep: () => Promise.resolve() },
      log: { info: () => undefined, warn: ({ why, error }) => void warnings.push(String(why ?? error)) },
    });
  });
  afterEach(async () => {
    for (const client of clients) client.close();
    await server.close();
    removeTemporaryDirectories();
  });

  function client(trust: Partial<ClientTrust> = {}): AgentClient {
    const made = new AgentClient(server.port, { caPem: identity.caPem, ...trust });
    clients.push(made);
    return made;
  }

  async function invite(host: string): Promise<string> {
    const { token, invitation } = createInvitation(host, now);
    await store.saveInvitation(invitation);
    return token;
  }

  /** A client that was enrolled as this host. */
  async function enrolled(host: string): Promise<AgentClient> {
    const { csrPem, keyPem } = await certificateRequest();
    const { certificatePem } = await client().enrol(await invite(host), csrPem);
    return client({ certificatePem, keyPem });
  }

  describe('at enrolment', () => {
    it('gives a certificate for the host that the token is for', async () => {
      const { csrPem } = await certificateRequest('CN=web-9');

      const given = await client().enrol(await invite('web-1'), csrPem);

      assert.equal(given.hostId, 'web-1');
      assert.equal(given.caPem, identity.caPem);
    });

    it('understands the agent itself, and is understood', async () => {
      const question = { hostId: 'web-1', controller: `127.0.0.1:${server.port}`, caPem: identity.caPem };

      const first = await enrolIdentity(question, await invite('web-1'));
      const second = await renewIdentity(question, first);

      assert.notEqual(second.keyPem, first.keyPem);
      assert.equal(second.caPem, identity.caPem);
    });

    it('lets exactly one of twenty that come with one token in', async () => {
      const token = await invite('web-1');
      const { csrPem } = await certificateRequest();
      const callers = [client(), client(), client(), client()];

      const results = await Promise.allSettled(
        callers.flatMap((one) => Array.from({ length: 5 }, () => one.enrol(token, csrPem))),
      );

      assert.equal(results.filter((result) => result.status === 'fulfilled').length, 1);
      for (const result of results) if (result.status === 'rejected') failsWith(status.UNAUTHENTICATED)(result.reason);
    });

    it('refuses a wrong, an expired and an endless token', async () => {
      const { csrPem } = await certificateRequest();
      const token = await invite('web-1');
      now += 3_600_000;

      for (const wrong of [token, 'guessed', '', 'x'.repeat(10_000)]) {
        await assert.rejects(client().enrol(wrong, csrPem), failsWith(status.UNAUTHENTICATED));
      }
    });

    it('keeps the token good when the request was broken', async () => {
      const token = await invite('web-1');

      await assert.rejects(client().enrol(token, 'nonsense'), failsWith(status.INVALID_ARGUMENT));

      assert.equal((await client().enrol(token, (await certificateRequest()).csrPem)).hostId, 'web-1');
    });

    it('says nothing of what failed within the controller', async () => {
      const { csrPem } = await certificateRequest();
      store.useInvitation = () => Promise.reject(new Error('secret path'));

      await assert.rejects(client().enrol('token', csrPem), (error: Error) => !error.message.includes('secret'));

      assert.deepEqual(warnings, ['Error: secret path']);
    });
  });

  describe('without a certificate of ours', () => {
    it('gives nothing but enrolment', async () => {
      const stranger = client();
      const { csrPem } = await certificateRequest();

      await assert.rejects(stranger.renew(csrPem), failsWith(status.UNAUTHENTICATED));
      failsWith(status.UNAUTHENTICATED)(await endOf(stranger.connect()));

      assert.deepEqual(telemetry.beats, []);
    });

    it('drops the connection of who has a certificate of somebody else', async () => {
      const foreign = await initIdentity(temporaryDirectory(), 'other', now);
      const { csrPem, keyPem } = await certificateRequest();
      const certificatePem = await issueHostCertificate(foreign, csrPem, 'web-1', now);
      const impostor = client({ certificatePem, keyPem });

      await assert.rejects(impostor.renew(csrPem), failsWith(status.UNAVAILABLE));
      await assert.rejects(impostor.enrol(await invite('web-1'), csrPem), failsWith(status.UNAVAILABLE));

      assert.match(warnings[0] ?? '', /not one of ours/);
    });

    it('drops the connection of who has a certificate that has ended', async () => {
      const { csrPem, keyPem } = await certificateRequest();
      const certificatePem = await issueHostCertificate(identity, csrPem, 'web-1', now - 2 * 24 * 3_600_000);

      await assert.rejects(client({ certificatePem, keyPem }).renew(csrPem), failsWith(status.UNAVAILABLE));
    });

    it('is no client for the controller itself either: its own certificate is for serving', async () => {
      const { csrPem } = await certificateRequest();
      const self = client({ certificatePem: identity.serverCertificatePem, keyPem: identity.serverKeyPem });

      await assert.rejects(self.renew(csrPem));
    });

    it('holds no more than sixteen connections for one address', async () => {
      const sockets = Array.from({ length: 18 }, () =>
        connectTls({ port: server.port, ca: identity.caPem, servername: 'zdms-controller', ALPNProtocols: ['h2'] }).on(
          'error',
          () => undefined,
        ),
      );

      await Promise.race(sockets.map((socket) => new Promise((resolve) => socket.on('close', resolve))));

      assert.match(warnings[0] ?? '', /too many connections/);
      for (const socket of sockets) socket.destroy();
    });

    it('speaks TLS 1.3 and nothing older', async () => {
      const socket = connectTls({
        port: server.port,
        ca: identity.caPem,
        servername: 'zdms-controller',
        maxVersion: 'TLSv1.2',
      });

      const [error] = (await once(socket, 'error').catch((thrown: unknown) => [thrown])) as [Error];

      assert.match(String(error), /alert|version/i);
    });
  });

  describe('to an enrolled host', () => {
    it('gives a new certificate for the same host', async () => {
      const host = await enrolled('web-1');

      assert.equal((await host.renew((await certificateRequest('CN=web-2')).csrPem)).hostId, 'web-1');
    });

    it('sends settings at once, and again when they change', async () => {
      const stream = (await enrolled('web-1')).connect();
      const first = await nextSettings(stream);
      telemetry.beatEveryMs = 1000;

      telemetry.push(['web-1', 'web-2']);

      assert.deepEqual(first, {
        beatEveryMs: 10_000,
        fleetSize: 3,
        checks: [{ name: 'http:8080/healthz', kind: 'http', port: 8080, path: '/healthz' }],
      });
      assert.equal((await nextSettings(stream))?.beatEveryMs, 1000);
      stream.cancel();
    });

    it('takes its beats and reports, under the name in its certificate', async () => {
      const stream = (await enrolled('web-1')).connect();
      stream.write({ bootId, checks: [{ name: 'http:8080/healthz', passed: false, detail: 'status\u001b[31m 500' }] });
      stream.write({
        bootId,
        report: {
          os: 'Debian 12',
          labels: { role: 'web', zone: 'a' },
          survey: {
            ...{ surveyedAtMs: 5, filesKnown: true },
            files: [{ path: '/etc/motd', drift: ['content'] }],
            packages: [
              { name: 'zdemo', installed: '1.0', candidate: '1.1', offers: [{ version: '1.1', downloadBytes: 10 }] },
            ],
          },
        },
      });

      await telemetry.count(2);
      const [slim, full] = telemetry.beats;
      const checks = [{ name: 'http:8080/healthz', passed: false, detail: 'status [31m 500' }];
      assert.deepEqual(slim, { host: 'web-1', beat: { receivedAt: now, bootId, checks, report: null } });
      const ids = { advisories: [], cves: [], advisoriesKnown: false };
      const offers = [{ version: '1.1', sha256: null, downloadBytes: 10, security: false, ...ids }];
      const packages = [{ name: 'zdemo', installed: '1.0', candidate: '1.1', held: false, offers }];
      assert.deepEqual(full?.beat.report, {
        ...{ receivedAt: now, bootId, agentVersion: '', os: 'Debian 12', kernel: '', hardwareModel: '' },
        ...{ failedUnits: [], labels: { role: 'web', zone: 'a' } },
        survey: {
          ...{ surveyedAt: 5, rebootNeeded: false, rebootReasons: [], staleServices: [], updaters: [], error: '' },
          ...{ keepsRoot: false, firmware: [] },
          files: [{ path: '/etc/motd', drift: ['content'] }],
          packages,
        },
      });
      assert.ok(server.isConnected('web-1'));
      stream.cancel();
    });

    it('knows how far its clock is ahead, and until when its newest certificate is good', async () => {
      const host = await enrolled('web-1');
      const stream = host.connect();
      stream.write({ bootId, sentAtMs: now + 7000 });
      await telemetry.count(1);
      const hourMs = 3_600_000;

      const first = agentWords.get('web-1');
      now += 12 * hourMs;
      await host.renew((await certificateRequest()).csrPem);

      assert.equal(first?.clockAheadMs, 7000);
      const [ends, endsNow] = [first.certificateEndsAt, agentWords.get('web-1')?.certificateEndsAt];
      assert.ok(Math.abs(ends + 12 * hourMs - (endsNow ?? 0)) <= 1000 && endsNow !== ends);
      stream.cancel();
    });

    it('gives neither a stream nor a certificate once it was removed from the fleet', async () => {
      const host = await enrolled('web-1');
      removed.add('web-1');

      failsWith(status.PERMISSION_DENIED)(await endOf(host.connect()));
      await assert.rejects(host.renew((await certificateRequest()).csrPem), failsWith(status.UNAUTHENTICATED));
    });

    it('ends the open stream of one that was removed, by its next message or by new settings', async () => {
      const streams = [(await enrolled('web-1')).connect(), (await enrolled('web-2')).connect()];
      await Promise.all(streams.map(nextSettings));
      const ends = streams.map(endOf);
      removed = new Set(['web-1', 'web-2']);

      streams[0]?.write({ bootId });
      telemetry.push(['web-2']);

      for (const end of ends) failsWith(status.PERMISSION_DENIED)(await end);
      assert.deepEqual(telemetry.beats, []);
    });

    it('keeps one stream: the newest', async () => {
      const host = await enrolled('web-1');
      const older = host.connect();
      await nextSettings(older);
      const ended = endOf(older);

      const newer = host.connect();
      await nextSettings(newer);

      failsWith(status.ABORTED)(await ended);
      newer.write({ bootId });
      await telemetry.count(1);
      assert.ok(server.isConnected('web-1'));
      newer.cancel();
    });

    it('notices that it went away', async () => {
      const stream = (await enrolled('web-1')).connect();
      await nextSettings(stream);

      stream.end();
      await once(stream.resume(), 'status');

      assert.equal(server.isConnected('web-1'), false);
    });

    it('ends a stream that floods it', async () => {
      const stream = (await enrolled('web-1')).connect();
      const ended = endOf(stream);

      for (let sent = 0; sent < 40; sent += 1) stream.write({ bootId });

      failsWith(status.RESOURCE_EXHAUSTED)(await ended);
      assert.equal(telemetry.beats.length, 20);
    });

    it('lets a steady stream pass', async () => {
      const stream = (await enrolled('web-1')).connect();
      for (let sent = 1; sent <= 60; sent += 1) {
        monotonic += 1000;
        stream.write({ bootId });
        await telemetry.count(sent);
      }
      stream.cancel();
    });

    const crowd = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`key-${index}`, 'v']));
    const malformed: readonly (readonly [string, object])[] = [
      ['no boot id', {}],
      ['a boot id with a path in it', { bootId: '../../../../etc/passwd-00000000000000' }],
      ['a survey of the far future', { bootId, report: { survey: { surveyedAtMs: Number.MAX_SAFE_INTEGER } } }],
      ['more labels than a host can have', { bootId, report: { labels: crowd } }],
      ['more checks than it has', { bootId, checks: Array.from({ length: 300 }, () => ({ name: 'tcp:1' })) }],
    ];
    for (const [what, message] of malformed) {
      it(`ends a stream that sends ${what}`, async () => {
        const stream = (await enrolled('web-1')).connect();
        const ended = endOf(stream);

        stream.write(message);

        failsWith(status.INVALID_ARGUMENT)(await ended);
        assert.deepEqual(telemetry.beats, []);
      });
    }

    it('leaves out a package that could be none, and cuts what is too long, without losing the rest', async () => {
      const stream = (await enrolled('web-1')).connect();
      const good = { name: 'zdemo', installed: '1.0', candidate: '1.1' };
      const negative = { ...good, offers: [{ version: '1', downloadBytes: -1 }] };
      const packages = [{ ...good, name: '--purge' }, { ...good, candidate: '$(id)' }, negative, good];

      stream.write({ bootId, report: { os: 'x'.repeat(2000), survey: { packages } } });
      await telemetry.count(1);

      const report = telemetry.beats[0]?.beat.report;
      assert.deepEqual(report?.survey?.packages, [{ ...good, held: false, offers: [] }]);
      assert.equal(report.os.length, 1000);
      stream.cancel();
    });

    it('ends a stream that sends more than a report can be', async () => {
      const stream = (await enrolled('web-1')).connect();
      const ended = endOf(stream);

      stream.write({ bootId, checks: [{ detail: 'x'.repeat(1_100_000) }] });

      failsWith(status.RESOURCE_EXHAUSTED)(await ended);
    });
  });
});
