import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import { until } from '../support/failing-rollout.ts';
import { FailureFleet } from '../support/failure-fleet.ts';
import { removeTemporaryDirectories } from '../support/temporary-directory.ts';

const PATH = '/etc/shop/shop.conf';
const hosts = ['web-1', 'web-3'] as const;

describe('a change that brings files', function () {
  this.timeout(180_000);
  let fleet: FailureFleet;

  before('bring up hosts and controller', async () => {
    fleet = await FailureFleet.up();
  });
  afterEach('the fleet is well, and no user noticed', () => fleet.assertWell());
  after('take them down', async () => {
    await fleet.down();
    removeTemporaryDirectories();
  });

  /** What that file is on each of the hosts. */
  const found = (path = PATH) => hosts.map((host) => fleet.lab.host(host).system.files.get(path)?.content);

  function write(content: string, more = '', path = PATH): string {
    const file = `{path: ${path}, content: '${content}', template: true, then: reload shop, drain: false}`;
    const text = `where: [${hosts.join(', ')}]\n${more}files: [${file}]\nstages: [{hosts: all}]\n`;
    return fleet.zdms.write('files.yaml', text);
  }

  it('fills them in and keeps every user where they are', async () => {
    const plan = await fleet.zdms.mustZdms('plan', write('{{ host }} {{ label.zone }}'));
    assert.match(plan, /\/etc\/shop\/shop\.conf {2}0644 root:root {2}then reload shop\.service/);
    assert.match(plan, /no drain: users stay {2}on web-1, web-3/);

    const told = await fleet.zdms.mustZdms('apply', write('{{ host }} {{ label.zone }}'), '--yes');

    assert.match(told, /^done 2 hosts/m);
    assert.deepEqual(found(), ['web-1 a', 'web-3 b']);
    const { id } = await fleet.zdms.client.status('');
    const report = await fleet.zdms.client.report(id);
    const steps = report.hosts.flatMap((host) => host.steps.map(({ step }) => step));
    assert.deepEqual([...new Set(steps)], ['preflight', 'fetch', 'apply', 'verify', 'settle']);
  });

  it('says of each host what it would change there, and of one that is right already nothing', async () => {
    fleet.lab.host('web-3').system.files.delete(PATH);

    const told = await fleet.zdms.mustZdms('plan', write('{{ host }} {{ label.zone }}'), '--diff');

    assert.match(
      told,
      /\n\/etc\/shop\/shop\.conf {2}new {2}on web-3\n {2}\+web-3 b\n\nnothing changes in files on web-1\n/,
    );
    assert.match(await fleet.zdms.mustZdms('apply', write('{{ host }} {{ label.zone }}'), '--yes'), /^done 2 hosts/m);
  });

  it('is watched from then on: what somebody changes there is told, and the next plan warns of it', async () => {
    const host = fleet.lab.host('web-1');
    const put = host.system.files.get(PATH);
    assert.ok(put);
    host.system.files.set(PATH, { ...put, content: 'by hand' });
    await host.survey();
    await until('the drift', async () =>
      /shop\.conf +other content +1 +web-1/.test(await fleet.zdms.mustZdms('host', 'drift')),
    );

    const plan = await fleet.zdms.mustZdms('plan', write('{{ host }} {{ label.zone }}'));

    assert.match(plan.replaceAll(/\s+/g, ' '), /shop\.conf is no longer as zdms put it on 1 host \(web-1\)/);
    host.system.files.set(PATH, put);
  });

  it('has no file refused that its program would not take: the host is as it was', async () => {
    const { code } = await fleet.zdms.zdms('apply', write('INVALID'), '--yes');

    assert.notEqual(code, 0);
    assert.deepEqual(found(), ['web-1 a', 'web-3 b']);
  });

  it('goes back to what was there', async () => {
    const other = await fleet.zdms.mustZdms('apply', write('second'), '--yes');
    assert.match(other, /^done 2 hosts/m);
    assert.deepEqual(found(), ['second', 'second']);

    assert.match(await fleet.zdms.mustZdms('rollback', '--yes'), /^done 2 hosts/m);

    assert.deepEqual(found(), ['web-1 a', 'web-3 b']);
  });

  it('is proven over a new connection where it concerns the way in', async () => {
    const path = '/etc/ssh/sshd_config.d/shop.conf';

    assert.match(await fleet.zdms.mustZdms('apply', write('x', '', path), '--yes'), /^done 2 hosts/m);

    assert.deepEqual(found(path), ['x', 'x']);
  });

  it('comes with packages in one drain and one reboot', async () => {
    const { version } = await fleet.plan(hosts);
    const boots = hosts.map((host) => fleet.truth(host).boots);

    const told = await fleet.zdms.mustZdms(
      'apply',
      write('third', `packages: [zdemo=${version}]\nreboot: always\n`),
      '--yes',
    );

    assert.match(told, /^done 2 hosts/m);
    assert.deepEqual(found(), ['third', 'third']);
    assert.deepEqual(
      hosts.map((host, at) => fleet.truth(host).boots - (boots[at] ?? 0)),
      [1, 1],
    );
  });
});
