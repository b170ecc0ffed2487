import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { RolloutDocument } from '../../proto/zdms/v1/documents.ts';
import { onHost } from './proof/host-shell.ts';
import { untilRollout } from './proof/rollout-watch.ts';
import type { LoadSummary } from './proof/load-summary.ts';
import { refreshSurveys } from './proof/surveys.ts';
import { underTraffic } from './proof/traffic.ts';
import type { ZdmsLab } from './proof/zdms-lab.ts';
import { RATE_PER_SECOND, sharedLab } from './shared-lab.ts';

const NGINX_FILE = '/etc/nginx/conf.d/zone.conf';
const SSHD_FILE = '/etc/ssh/sshd_config.d/port.conf';
const NETWORK_FILE = '/etc/systemd/network/05-elsewhere.network';
const GOOD = 'add_header X-Zone {{ label.zone }} always;\n';
/** sshd itself finds nothing wrong with it: it only listens where nobody asks. */
const OTHER_PORT = 'Port 2222\n';
const NO_NETWORK = '[Match]\nName=host0\n\n[Link]\nActivationPolicy=always-down\n';
const HAPROXY_FILE = '/etc/haproxy/haproxy.cfg';
/** A minute until it heals, and what it takes to notice. */
const HEALED_WITHIN_MS = 180_000;

/** Nginx's workers are others after a reload; its master is not. */
function workersOf(host: string): Promise<string> {
  return onHost(host, 'ps -o pid= --ppid "$(cat /run/nginx.pid)"');
}

function isThere(host: string, path: string): Promise<string> {
  return onHost(host, `if [ -e ${path} ]; then echo yes; else echo no; fi`);
}

describe('files of a change on real hosts', () => {
  let lab: ZdmsLab;
  let fleetText: string;

  before('the lab, with a policy that undoes', async () => {
    lab = await sharedLab();
    fleetText = readFileSync(join(lab.directory, 'zdms/fleet.yaml'), 'utf8');
    lab.write('zdms/fleet.yaml', fleetText.replace('onFailure: hold', 'onFailure: undo'));
  });
  after('as it was', async () => {
    lab.write('zdms/fleet.yaml', fleetText);
    for (const host of lab.webHosts) await onHost(host, `rm -f ${NGINX_FILE}; systemctl reload nginx`);
    for (const host of balancers())
      await onHost(host, `sed -i '/option http-server-close/d' ${HAPROXY_FILE}; systemctl reload haproxy`);
    await refreshSurveys(lab, lab.webHosts);
  });

  /** `then`: what follows it in the file too. */
  async function roll(hosts: readonly string[], path: string, content: string, then: string): Promise<RolloutDocument> {
    const file = `{path: ${path}, content: ${JSON.stringify(content)}, template: ${content.includes('{{')}, then: ${then}}`;
    const change = lab.write(
      'files.yaml',
      `where: [${hosts.join(', ')}]\nfiles: [${file}]\nstages: [{ hosts: all }]\n`,
    );
    const plan = await lab.client.plan('files.yaml', readFileSync(change, 'utf8'));
    const { id } = await lab.client.apply(plan.hash, 'test', plan.hosts);
    return untilRollout(lab, 'it ends', (each) => each.id === id && each.endedAt !== null, HEALED_WITHIN_MS);
  }

  const balancers = () => lab.topology.hosts.filter(({ role }) => role === 'lb').map(({ name }) => name);

  async function rollWithUsers(
    ...what: Parameters<typeof roll>
  ): Promise<{ rollout: RolloutDocument; load: LoadSummary }> {
    const traffic = { topology: lab.topology, ratePerSecond: RATE_PER_SECOND, directory: lab.directory };
    const rollouts: RolloutDocument[] = [];
    const { load } = await underTraffic(traffic, async () => void rollouts.push(await roll(...what)));
    return { rollout: rollouts[0] ?? assert.fail('no rollout'), load };
  }

  async function stepsOf({ id }: RolloutDocument): Promise<readonly string[]> {
    const { hosts } = await lab.client.report(id);
    return [...new Set(hosts.flatMap(({ steps }) => steps.map(({ step }) => step)))];
  }

  it('that nginx would not take are refused before nginx or anybody else sees them', async () => {
    const [host = ''] = lab.webHosts;
    const workers = await workersOf(host);

    const { hosts } = await roll([host], NGINX_FILE, 'server_tokens perhaps;\n', 'reload nginx');

    assert.equal(hosts[0]?.state, 'skipped');
    assert.match(hosts[0].reason?.text ?? '', /nginx -t refuses.*perhaps/s);
    assert.equal(await isThere(host, NGINX_FILE), 'no\n');
    assert.equal(await workersOf(host), workers);
  });

  it('that drain their host are in force with no failed request', async () => {
    const { rollout, load } = await rollWithUsers(lab.webHosts, NGINX_FILE, '# nothing yet\n', 'reload nginx');

    assert.equal(rollout.state, 'done');
    assert.ok((await stepsOf(rollout)).includes('drain'));
    assert.equal(load.failed, 0, JSON.stringify(load.firstFailures));
  });

  it('that a balancer takes are in force by its reload', async () => {
    const [balancer = ''] = balancers();
    const text = await onHost(balancer, `cat ${HAPROXY_FILE}`);
    const closing = text.replace('balance roundrobin', 'balance roundrobin\n    option http-server-close');

    const { state } = await roll(balancers(), HAPROXY_FILE, closing, 'reload haproxy');

    assert.equal(state, 'done');
    for (const host of balancers()) assert.match(await onHost(host, `cat ${HAPROXY_FILE}`), /http-server-close/);
  });

  it('that nginx takes are in force by a reload alone on every host, with no drain and no failed request', async () => {
    const workers = await Promise.all(lab.webHosts.map(workersOf));

    const { rollout, load } = await rollWithUsers(lab.webHosts, NGINX_FILE, GOOD, 'reload nginx, drain: false');

    assert.equal(rollout.state, 'done');
    assert.deepEqual(await stepsOf(rollout), ['preflight', 'fetch', 'apply', 'verify', 'settle']);
    assert.equal(load.failed, 0, JSON.stringify(load.firstFailures));
    // No balancer ever showed one of them out.
    assert.deepEqual([load.requests > 0, load.requestsWhileOut], [true, 0]);
    for (const [at, host] of lab.webHosts.entries()) {
      assert.notEqual(await workersOf(host), workers[at]);
      const { zone } = lab.topology.hosts.find(({ name }) => name === host) ?? assert.fail(host);
      assert.match(await onHost(host, 'curl -sI http://127.0.0.1/'), new RegExp(`^X-Zone: ${zone}\\s*$`, 'm'));
    }
  });

  it('that it took go back to what was there, without a drain', async () => {
    await lab.mustZdms('rollback', '--confirm', String(lab.webHosts.length), '--detach');
    const back = await untilRollout(lab, 'the way back ends', ({ endedAt }) => endedAt !== null, HEALED_WITHIN_MS);

    assert.equal(back.state, 'done');
    for (const host of lab.webHosts) assert.equal(await onHost(host, `cat ${NGINX_FILE}`), '# nothing yet\n');
  });

  const waysIn = [
    ['sshd', SSHD_FILE, OTHER_PORT, 'reload ssh'],
    ['the network', NETWORK_FILE, NO_NETWORK, 'restart systemd-networkd'],
  ] as const;
  for (const [what, path, content, then] of waysIn) {
    it(`that take ${what} away go back by themselves, and no user notices`, async () => {
      const [host = ''] = lab.webHosts;

      const { rollout, load } = await rollWithUsers([host], path, content, then);

      const [ended] = rollout.hosts;
      assert.equal(ended?.state, 'skipped', JSON.stringify(rollout.hosts));
      assert.match(ended.reason?.text ?? '', /went back by themselves/);
      assert.equal(await isThere(host, path), 'no\n');
      assert.equal(load.failed, 0, JSON.stringify(load.firstFailures));
    });
  }
});
