import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { WantedFile } from '../../../controller/core/files.ts';
import type { Plan } from '../../../controller/core/plan.ts';
import { HostUnreachableError, ReplyLostError } from '../../../controller/ports/host-shell.ts';
import { compareFiles } from '../../../controller/runner/compare-files.ts';
import type { Executors } from '../../../controller/runner/executors.ts';
import {
  type FileDifference,
  orderBody,
  type OrderBody,
  type Reply,
  type RequestBody,
  requestBody,
} from '../../../proto/zdms/v1/executor.ts';
import { VirtualClock } from '../../support/simulation/virtual-clock.ts';
import { WrappingSigner } from '../../support/simulation/wrapping-signer.ts';
import { noon, planOf, shopHosts, timing, upgrade } from '../../support/world-of.ts';

const motd: WantedFile = {
  ...{ path: '/etc/motd', content: 'this is {{ host }}\n', template: true, mode: 0o644, owner: 'root', group: 'root' },
  ...{ then: { kind: 'nothing' }, drain: false },
};
const same: FileDifference = { path: '/etc/motd', kind: 'same', rights: [], diff: '', moreLines: 0, detail: '' };
const web1 = shopHosts.find(({ id }) => id === 'web-1') ?? assert.fail('the shop has no web-1');

function refused(code: string, message: string): Reply {
  return { id: '', kind: 'refused', code, message, epochSeen: code === 'stale-epoch' ? 9 : null };
}

/** Executors that answer as the test says. */
class Scene {
  readonly orders: OrderBody[] = [];
  readonly requests: RequestBody[] = [];
  answer: (host: string) => Reply | Error = () => ({ id: '', kind: 'compared', files: [same] });
  atOnce = 0;
  mostAtOnce = 0;
  superseded = 0;
  readonly clock = new VirtualClock(noon);
  readonly executors: Executors = {
    shell: {
      send: async (host, { order, request }) => {
        this.orders.push(orderBody.parse(JSON.parse(order.body)));
        this.requests.push(requestBody.parse(JSON.parse(request.body)));
        this.atOnce += 1;
        this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
        await Promise.resolve();
        this.atOnce -= 1;
        const answer = this.answer(host.id);
        if (answer instanceof Error) throw answer;
        return answer;
      },
      drop: () => undefined,
      close: async () => undefined,
    },
    ...{ signer: new WrappingSigner(), clock: this.clock, timing, epoch: 3 },
    hostOf: (id) => (id === 'web-6' ? undefined : { ...web1, id }),
    onPool: () => undefined,
    onQuorum: () => undefined,
    isHalted: () => true,
    onSuperseded: () => (this.superseded += 1),
    bmcOf: () => null,
  };
}

/** A plan that brings the file to these hosts. */
function planFor(ids: readonly string[]): Plan {
  const plan = planOf({ change: { ...upgrade, files: [motd] } });
  const [first] = plan.hosts;
  assert.ok(first);
  return { ...plan, hosts: ids.map((host) => ({ ...first, host, facts: { host } })) };
}

describe('the hosts of a plan', () => {
  it('are asked what its files would change, filled in for each, under an order that allows nothing else', async () => {
    const scene = new Scene();

    const { hosts, notAsked } = await compareFiles(scene.executors, planFor(['web-1', 'web-2']));

    assert.deepEqual(hosts, [
      { host: 'web-1', files: [same] },
      { host: 'web-2', files: [same] },
    ]);
    assert.deepEqual(notAsked, []);
    assert.deepEqual(
      scene.orders.map(({ host, verbs, packages, files }) => [host, verbs, packages, files?.[0]?.content]),
      [
        ['web-1', ['compare'], [], 'this is web-1\n'],
        ['web-2', ['compare'], [], 'this is web-2\n'],
      ],
    );
    assert.deepEqual(
      scene.orders.map(({ notAfter }) => notAfter),
      [noon + 60_000, noon + 60_000],
    );
    assert.deepEqual(
      scene.requests.map(({ verb, epoch }) => [verb, epoch]),
      [
        ['compare', 3],
        ['compare', 3],
      ],
    );
  });

  it('are told apart where they do not answer', async () => {
    const scene = new Scene();
    const answers: Readonly<Record<string, Reply | Error>> = {
      'web-1': new HostUnreachableError('no route'),
      'web-2': new ReplyLostError('no reply before the deadline'),
      'web-3': refused('bad-request', 'the order: Invalid option'),
      'web-4': refused('request-expired', 'compare the clocks'),
      'web-5': refused('stale-epoch', 'epoch 9 was seen'),
    };
    scene.answer = (host) => answers[host] ?? assert.fail(`${host} was asked`);

    const { hosts } = await compareFiles(scene.executors, planFor([...Object.keys(answers), 'web-6']));

    assert.deepEqual(
      hosts.map((each) => ('silent' in each ? each.silent : each.files)),
      [
        'no route',
        'no reply before the deadline',
        'its agent is too old for that: `zdms change agents` makes the change that upgrades it',
        'request-expired: compare the clocks',
        'stale-epoch: epoch 9 was seen',
        'it is no longer in the fleet',
      ],
    );
    assert.equal(scene.superseded, 1);
  });

  it('are ten at once and a hundred in all', async () => {
    const scene = new Scene();

    const { hosts, notAsked } = await compareFiles(
      scene.executors,
      planFor(Array.from({ length: 120 }, (_, index) => `host-${index}`)),
    );

    assert.deepEqual([hosts.length, notAsked.length, notAsked[0]], [100, 20, 'host-100']);
    assert.equal(scene.mostAtOnce, 10);
  });

  it('are not asked where it brings no files', async () => {
    await assert.rejects(compareFiles(new Scene().executors, planOf()), { code: 'ZDMS_PLAN_WITHOUT_FILES' });
  });
});
