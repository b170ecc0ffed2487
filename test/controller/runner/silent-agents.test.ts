import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Reply, RequestBody } from '../../../proto/zdms/v1/executor.ts';
import { HostUnreachableError } from '../../../controller/ports/host-shell.ts';
import { SilentAgents } from '../../../controller/runner/silent-agents.ts';
import { VirtualClock } from '../../support/simulation/virtual-clock.ts';
import { WrappingSigner } from '../../support/simulation/wrapping-signer.ts';
import { noon, planOf, rolloutOf, shopHosts, timing } from '../../support/world-of.ts';

const bootId = '00000000-0001-4000-8000-000000000000';
const absent: Reply = { id: '', kind: 'absent', bootId, versions: {} };
const answerMs = 100;

class Scene {
  readonly clock = new VirtualClock(noon);
  readonly asked: string[] = [];
  woken = 0;
  answer: Reply | Error = absent;
  readonly agents = new SilentAgents(
    {
      shell: {
        send: async (host, { request }) => {
          const body = JSON.parse(request.body) as RequestBody;
          this.asked.push(`${body.verb} ${host.id}`);
          await this.clock.sleep(answerMs);
          if (this.answer instanceof Error) throw this.answer;
          return this.answer;
        },
        drop: () => undefined,
        close: async () => undefined,
      },
      ...{ signer: new WrappingSigner(), clock: this.clock, timing, epoch: 1 },
      hostOf: (id) => shopHosts.find((host) => host.id === id),
      onPool: () => undefined,
      onQuorum: () => undefined,
      isHalted: () => false,
      onSuperseded: () => undefined,
      bmcOf: () => null,
    },
    () => (this.woken += 1),
  );

  async ask(...hosts: readonly string[]): Promise<void> {
    const rollout = rolloutOf(planOf());
    this.agents.ask(new Map(hosts.map((host) => [host, rollout])));
    await this.clock.runUntil(() => false, this.clock.now() + 1000);
  }
}

describe('a host whose agent is silent', () => {
  it('is asked over SSH which boot it is on, and the answer is as old as the question', async () => {
    const scene = new Scene();

    await scene.ask('web-1');

    assert.deepEqual(scene.asked, ['status web-1']);
    assert.deepEqual(scene.agents.words().get('web-1'), { at: noon, bootId });
    assert.equal(scene.woken, 1);
  });

  it('is asked again only when that is due', async () => {
    const scene = new Scene();
    for (let second = 0; second <= timing.ownLookEveryMs / 1000; second += 1) await scene.ask('web-1');

    assert.equal(scene.asked.length, 2);
  });

  it('has no word while it cannot be reached or says something else, and nobody stumbles over that', async () => {
    for (const answer of [
      new HostUnreachableError('no route'),
      { id: '', kind: 'refused', code: 'request-expired', message: '', epochSeen: null } as const,
    ]) {
      const scene = new Scene();
      scene.answer = answer;
      await scene.ask('web-1');

      assert.equal(scene.agents.words().size, 0);
    }
  });

  it('loses its word when its agent speaks again', async () => {
    const scene = new Scene();
    await scene.ask('web-1', 'web-2');

    await scene.ask('web-2');

    assert.deepEqual([...scene.agents.words().keys()], ['web-2']);
  });

  it('that is not in the store is asked nothing', async () => {
    const scene = new Scene();
    await scene.ask('db-1');

    assert.deepEqual(scene.asked, []);
  });
});
