import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, chownSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
// Loaded before the tests begin, since a library in it (tslib) makes globals, which mocha would take for a leak.
import '../../../controller/identity/identity.ts';
import type { Finding } from '../../../controller/cli/doctor/finding.ts';
import type { HostView } from '../../../controller/ports/operations.ts';
import { packageVersion } from '../../../lib/package-version.ts';
import { serveOperations } from '../../support/served-operations.ts';
import type { ServedOperations } from '../../support/served-operations.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../support/temporary-directory.ts';
import { hostOf } from '../../support/world-of.ts';

const launcher = new URL('../../../bin/zdms.js', import.meta.url).pathname;
const dayMs = 24 * 3_600_000;

describe('zdms doctor', function () {
  this.timeout(60_000);
  let served: ServedOperations;
  let directory: string;
  let config: string;
  let sshd: Server;

  beforeEach(async () => {
    served = await serveOperations();
    directory = temporaryDirectory();
    await served.zdms('init', '--fleet-name', 'shop-eu', '--dir', directory);
    config = join(directory, 'controller.yaml');
    writeFileSync(
      config,
      readFileSync(config, 'utf8').replace(/^operatorSocket: .*/m, `operatorSocket: ${served.socketPath}`),
    );
    sshd = createServer((socket) => socket.end('SSH-2.0-test\r\n')).listen(0, '127.0.0.1');
    await once(sshd, 'listening');
    const { now } = served.operations;
    served.operations.hostViews = ['web-1', 'lb-1'].map((id) => viewOf(id, (sshd.address() as AddressInfo).port, now));
    served.operations.healthView = {
      ...{ version: packageVersion(), startedAt: now - dayMs },
      agents: ['web-1', 'lb-1'].map((host) => ({ host, clockAheadMs: -40, certificateEndsAt: now + dayMs / 2 })),
      pools: [{ balancer: 'lb-1', backend: 'web', readAt: now - 900, isWatched: true }],
    };
  });
  afterEach(async () => {
    await served.stop();
    sshd.close();
    removeTemporaryDirectories();
  });

  /** What it finds, and how it ends. */
  async function doctor(): Promise<{ readonly exitCode: number; readonly findings: readonly Finding[] }> {
    served.terminal.written = '';
    const exitCode = await served.zdms('doctor', '--config', config, '--json');
    return { exitCode, findings: JSON.parse(served.terminal.written) as Finding[] };
  }

  /** Those that are not ok; a machine without a group zdms has none to give the socket to. */
  function amiss(findings: readonly Finding[]): readonly Finding[] {
    return findings.filter(({ check, state }) => state !== 'ok' && !(check === 'socket' && state === 'warning'));
  }

  it('finds nothing amiss with a new controller, and ends with 0', async () => {
    const { exitCode, findings } = await doctor();

    assert.deepEqual(amiss(findings), []);
    assert.equal(exitCode, 0);
    assert.deepEqual(
      findings.map(({ check }) => check),
      [
        ...['configuration', 'permissions', 'certificates', 'disk', 'socket'],
        ...['controller', 'agents', 'clock', 'renewals', 'versions', 'balancers'],
      ],
    );
  });

  it('prints a line for each check, and their sum', async () => {
    served.operations.hostViews = [];

    await served.zdms('doctor', '--config', config);

    const lines = served.terminal.written.trimEnd().split('\n');
    assert.ok(
      lines.some((line) => /^ok +permissions +keys and journal in .* are readable by their owner alone/.test(line)),
    );
    assert.ok(
      lines.includes(
        'warning  agents         there is no host yet. Next: Put the agent on one: zdms host install USER@ADDRESS.',
      ),
    );
    assert.match(lines.at(-1) ?? '', /^\d+ wrong, \d+ warnings, 0 unknown, \d+ ok$/);
  });

  it('checks without a controller what needs none, says what it could not check, and ends with 1', async () => {
    await served.stop();

    const { exitCode, findings } = await doctor();

    assert.equal(exitCode, 1);
    assert.deepEqual(
      findings.map(({ check, state }) => `${check} ${state}`),
      [
        ...['configuration ok', 'permissions ok', 'certificates ok', 'disk ok', 'socket wrong', 'controller wrong'],
        ...['agents unknown', 'clock unknown', 'renewals unknown', 'versions unknown', 'balancers unknown'],
      ],
    );
    await served.restart();
  });

  it('finds what others may read or write, and whose it is not', async () => {
    const state = join(directory, 'state');
    chmodSync(join(state, 'identity', 'ssh-key'), 0o644);
    chmodSync(join(directory, 'limits.yaml'), 0o666);
    chmodSync(directory, 0o770);
    if (process.getuid?.() === 0) chownSync(join(directory, 'fleet.yaml'), 65534, 65534);

    const { exitCode, findings } = await doctor();

    assert.equal(exitCode, 1);
    const found = amiss(findings).map(({ text, next }) => `${text}: ${next ?? ''}`);
    assert.match(found.join('\n'), /ssh-key may be read or written by others: .*chmod go-rwx .*ssh-key/);
    assert.match(found.join('\n'), /limits\.yaml may be written by others: .*chmod go-w .*limits\.yaml/);
    assert.ok(found.some((text) => text.startsWith(`${directory} may be written by others: `)));
    if (process.getuid?.() === 0) assert.match(found.join('\n'), /fleet\.yaml belongs to user 65534/);
  });

  it('finds files that cannot be understood, or are gone', async () => {
    writeFileSync(join(directory, 'fleet.yaml'), 'fleet: shop\nservices: 7\n');
    rmSync(join(directory, 'limits.yaml'));
    const { findings } = await doctor();
    const [broken, ...others] = amiss(findings);
    assert.match(broken?.text ?? '', /fleet\.yaml:2: services/);
    assert.deepEqual(others, []);

    writeFileSync(join(directory, 'fleet.yaml'), 'fleet: shop\n');
    assert.match((await doctor()).findings[0]?.text ?? '', /there is no .*limits\.yaml: the built-in limits hold/);

    rmSync(join(directory, 'fleet.yaml'));
    assert.match(amiss((await doctor()).findings)[0]?.text ?? '', /fleet\.yaml is not there/);
  });

  it('finds certificates that end, and keys that are gone', async () => {
    const certificates = async () => (await doctor()).findings.filter(({ check }) => check === 'certificates');
    served.operations.now += 320 * dayMs;
    assert.match((await certificates())[0]?.text ?? '', /^the certificate of the controller ends in 45d/);
    served.operations.now += 50 * dayMs;
    const [ended] = await certificates();
    assert.deepEqual([ended?.state, ended?.next], ['wrong', 'Start the controller again: it renews its certificate.']);
    served.operations.now += 9 * 365 * dayMs;
    assert.match((await certificates())[0]?.text ?? '', /^the certificate authority has ended/);

    rmSync(join(directory, 'state', 'identity', 'ca.pem'));
    assert.match((await certificates())[0]?.text ?? '', /ca\.pem is not there/);
  });

  it('finds balancers that cannot be reached, are no hosts, or are not read', async () => {
    const { now } = served.operations;
    sshd.close();
    served.operations.healthView = {
      ...served.operations.healthView,
      pools: [
        { balancer: 'lb-1', backend: 'web', readAt: now - 60_000, isWatched: true },
        { balancer: 'lb-9', backend: 'web', readAt: null, isWatched: false },
      ],
    };

    const texts = amiss((await doctor()).findings).map(({ text }) => text);

    assert.match(texts[0] ?? '', /^the sshd of lb-1 does not answer at 127\.0\.0\.1:\d+ \(ECONNREFUSED\)$/);
    assert.equal(texts[1], 'lb-9 is in the fleet file, and no host has that name');
    assert.equal(texts[2], 'lb-1 does not show web, last read 1m00s ago');
  });

  it('is coloured where somebody asks for it, and nowhere else', async () => {
    const escape = '\u001b[';
    const run = async (argv: readonly string[], environment: Readonly<Record<string, string>>) =>
      new Promise<string>((done) => {
        const env = { PATH: process.env['PATH'], ZDMS_SOCKET: served.socketPath, ...environment };
        execFile(process.execPath, [launcher, 'doctor', '--config', config, ...argv], { env }, (_, stdout) =>
          done(stdout),
        );
      });

    assert.ok((await run([], { FORCE_COLOR: '1' })).includes(`${escape}32mok`));
    assert.ok(!(await run([], {})).includes(escape));
    assert.ok(!(await run([], { FORCE_COLOR: '1', NO_COLOR: '1' })).includes(escape));
    assert.ok(!(await run(['--no-color'], { FORCE_COLOR: '1' })).includes(escape));
  });
});

function viewOf(id: string, sshPort: number, now: number): HostView {
  const report = {
    ...{
      receivedAt: now,
      bootId: 'b',
      agentVersion: packageVersion(),
      os: 'Debian 12',
      kernel: '6.1',
      hardwareModel: '',
    },
    ...{ failedUnits: [], labels: {}, survey: null },
  };
  const host = { ...hostOf(id, {}), address: '127.0.0.1', sshPort };
  return { host, report, connected: true, lastBeatAt: now, services: [], reason: null };
}
