import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'mocha';
import type { WhyDocument } from '../../../proto/zdms/v1/documents.ts';
import { labExec, labSpawn } from '../../../vagrant/nspawn/lab.ts';
import { untilRollout } from '../proof/rollout-watch.ts';
import { refreshSurveys } from '../proof/surveys.ts';
import type { ZdmsLab } from '../proof/zdms-lab.ts';
import { sharedLab } from '../shared-lab.ts';

const POLL_MS = 200;
const DEADLINE_MS = 60_000;
/** Far beyond the 512 entries that the guard forgives, and reached by a busy machine too (log entries). */
const LAGS_BY = 2000;
const FLOOD = join(import.meta.dirname, '../proof/put-flood.ts');
const members = ['etcd-1', 'etcd-2', 'etcd-3'] as const;
/** So slow that a busy group's log outgrows it, and fast enough for the member to answer. */
const slowLink = ['tbf', 'rate', '4mbit', 'burst', '16k', 'latency', '200ms'];

function addressOf(name: string, { topology }: ZdmsLab): string {
  return topology.hosts.find((host) => host.name === name)?.address ?? '';
}

async function on(host: string, ...argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await labExec(host, argv);
  if (code !== 0) throw new Error(`${argv.join(' ')} on ${host}: ${stdout}${stderr}`);
  return stdout;
}

/** One command in the lab's network, where the hosts' cables end. */
async function inLab(...argv: readonly string[]): Promise<void> {
  const child = labSpawn(argv, { stdio: 'inherit' });
  const [code] = (await once(child, 'close')) as [number | null];
  assert.equal(code, 0, argv.join(' '));
}

async function until<Value>(
  wanted: string,
  ask: () => Promise<Value>,
  isSo: (value: Value) => boolean,
): Promise<Value> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const value = await ask();
    if (isSo(value)) return value;
    if (Date.now() > deadline)
      throw new Error(`not within ${DEADLINE_MS} ms: ${wanted}; last seen ${JSON.stringify(value)}`);
    await sleep(POLL_MS);
  }
}

/** Begins a rollout of another version of zdemo-base to these hosts. */
async function begin(lab: ZdmsLab, ...hosts: readonly string[]): Promise<void> {
  const present = await on(hosts[0] ?? '', 'dpkg-query', '--show', '--showformat=${Version}', 'zdemo-base');
  const version = present === '1.1.0' ? '1.2.0' : '1.1.0';
  await refreshSurveys(lab, hosts);
  const text = `name: base-${version}\nwhere: [${hosts.join(', ')}]\npackages: [zdemo-base=${version}]\nreboot: always\nstages: [{ hosts: all }]\n`;
  const change = lab.write('etcd.yaml', text);
  await lab.mustZdms('apply', change, '--yes', '--detach');
}

function why(lab: ZdmsLab, host: string): Promise<WhyDocument> {
  return lab.mustZdms('why', host, '-o', 'json').then((text) => JSON.parse(text) as WhyDocument);
}

/** Waits until the host is refused for this reason, and returns its sentence. */
async function refusal(lab: ZdmsLab, host: string, code: string, text: RegExp): Promise<void> {
  await until(
    `${host} waits for ${code}`,
    () => why(lab, host),
    ({ answers }) => answers.some(({ reason }) => reason?.code === code && text.test(reason.text)),
  );
}

async function assertUntouched(lab: ZdmsLab): Promise<void> {
  const { slots } = await lab.client.status('');
  assert.deepEqual(slots, []);
}

async function untilDone(lab: ZdmsLab): Promise<void> {
  const { state } = await untilRollout(lab, 'the rollout ends', ({ endedAt }) => endedAt !== null);
  assert.equal(state, 'done');
}

describe('a quorum group on real etcd', () => {
  let lab: ZdmsLab;

  before('build the lab', async () => {
    lab = await sharedLab();
  });

  it('spares one member at a time, and the leader hands over before its host is taken', async () => {
    await begin(lab, ...members);
    const rollout = await untilRollout(lab, 'a member is out', ({ slots }) => slots.length > 0);

    const [taken] = rollout.slots;
    const leader = rollout.quorums.find((each) => each.service === 'etcd')?.leader;
    assert.equal(rollout.slots.length, 1);
    assert.notEqual(taken, leader);
    const other = members.find((each) => each !== taken && each !== leader) ?? '';
    await refusal(lab, other, 'budget-spent', new RegExp(`${taken ?? ''} is out and .etcd. allows 1 out`));

    await untilDone(lab);
  });

  it('is left alone while an unrelated member is dead', async () => {
    await on('etcd-3', 'systemctl', 'stop', 'etcd');
    try {
      await begin(lab, 'etcd-1');
      await refusal(lab, 'etcd-1', 'members-missing', /etcd-3/);
      await assertUntouched(lab);
    } finally {
      await on('etcd-3', 'systemctl', 'start', 'etcd');
    }
    await untilDone(lab);
  });

  it('is left alone while a member lags behind', async () => {
    await inLab('tc', 'qdisc', 'add', 'dev', 'vb-etcd-3', 'root', ...slowLink);
    const flood = labSpawn([process.execPath, FLOOD, `http://${addressOf('etcd-1', lab)}:2379`], { stdio: 'ignore' });
    const flooded = once(flood, 'close');
    try {
      await until(
        'etcd-3 lags',
        async () =>
          JSON.parse(await on('etcd-1', 'etcdctl', 'endpoint', 'status', '--cluster', '-w', 'json')) as Answer[],
        (answers) => {
          const indexes = answers.map((each) => each.Status.raftAppliedIndex ?? 0);
          return indexes.length === 3 && Math.max(...indexes) - Math.min(...indexes) > LAGS_BY;
        },
      );
      await begin(lab, 'etcd-2');
      await refusal(lab, 'etcd-2', 'members-missing', /etcd-3.*entries behind/);
      await assertUntouched(lab);
    } finally {
      flood.kill();
      await flooded;
      await inLab('tc', 'qdisc', 'del', 'dev', 'vb-etcd-3', 'root');
    }
    await untilDone(lab);
  });

  it('is left alone when it has only two members, which can spare none', async () => {
    const id = await memberId('etcd-3');
    await on('etcd-1', 'etcdctl', 'member', 'remove', id);
    try {
      await begin(lab, 'etcd-1');
      await refusal(lab, 'etcd-1', 'quorum-too-small', /2 voters/);
      await assertUntouched(lab);
    } finally {
      await joinAnew('etcd-3', lab);
    }
    await untilDone(lab);
  });
});

interface Answer {
  readonly Status: { readonly raftAppliedIndex?: number };
}

/** As etcdctl takes it: hexadecimal. */
async function memberId(name: string): Promise<string> {
  const list = await on('etcd-1', 'etcdctl', 'member', 'list');
  const id = list
    .split('\n')
    .find((line) => line.includes(`, ${name}, `))
    ?.split(',')[0];
  assert.ok(id !== undefined, list);
  return id;
}

/** What its operator would do: a removed member joins again with nothing of its past. */
async function joinAnew(name: string, lab: ZdmsLab): Promise<void> {
  const address = addressOf(name, lab);
  await on(name, 'systemctl', 'stop', 'etcd');
  await on('etcd-1', 'etcdctl', 'member', 'add', name, `--peer-urls=http://${address}:2380`);
  await on(name, 'rm', '-rf', '/var/lib/etcd/default');
  await on(
    name,
    'sed',
    '-i',
    's/^ETCD_INITIAL_CLUSTER_STATE=.*/ETCD_INITIAL_CLUSTER_STATE=existing/',
    '/etc/default/etcd',
  );
  await on(name, 'systemctl', 'start', 'etcd');
}
