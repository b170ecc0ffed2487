import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parseControllerConfig } from '../../../controller/config/controller-file.ts';
import { defaultTiming } from '../../../controller/core/timing.ts';
import { linesOf } from './problems-of.ts';

describe('controller.yaml', () => {
  it('may be empty: listeners are on loopback then', () => {
    assert.deepEqual(parseControllerConfig('', 'controller.yaml'), {
      agents: { listen: { host: '127.0.0.1', port: 7443 }, advertise: '127.0.0.1:7443' },
      operatorSocket: '/run/zdms/operator.sock',
      state: '/var/lib/zdms/controller',
      fleet: '/etc/zdms/fleet.yaml',
      limits: '/etc/zdms/limits.yaml',
      metrics: null,
      timing: defaultTiming,
    });
  });

  it('says where agents come in, and overrides single times', () => {
    const text = `agents: {listen: "[fd00::1]:7000", advertise: "zdms.example:7000"}
state: /srv/zdms
limits: /srv/zdms/limits.yaml
metrics: {listen: "127.0.0.1:9464"}
timing: {beatMs: 200}
`;

    const config = parseControllerConfig(text, 'controller.yaml');

    assert.deepEqual(config.agents, { listen: { host: 'fd00::1', port: 7000 }, advertise: 'zdms.example:7000' });
    assert.equal(config.state, '/srv/zdms');
    assert.deepEqual(config.metrics, { listen: { host: '127.0.0.1', port: 9464 } });
    assert.deepEqual(config.timing, { ...defaultTiming, beatMs: 200 });
  });

  const cases: readonly (readonly [string, string, string])[] = [
    [
      'a listener without a port',
      'agents: {listen: 10.0.0.1}',
      '1 agents.listen: "10.0.0.1" is not an address and a port',
    ],
    [
      'a listener on a name',
      'agents: {listen: "zdms.example:7443"}',
      '1 agents.listen: "zdms.example:7443" is not an address and a port',
    ],
    [
      'a port that cannot be',
      'agents: {advertise: "a:70000"}',
      '1 agents.advertise: "a:70000" is not a host and a port',
    ],
    ['metrics nowhere', 'metrics: {}', '1 metrics.listen: it is missing'],
    ['a relative path', 'state: var', '1 state: "var" is not an absolute path'],
    ['an unknown time', 'timing: {beetMs: 5}', '1 timing.beetMs: there is no such field: did you mean beatMs?'],
    ['a time of 0', 'timing: {beatMs: 0}', '1 timing.beatMs: 0 is not a whole number, 1 or more'],
    ['an unknown key', 'agent: {}', '1 agent: there is no such field: did you mean agents?'],
  ];
  for (const [what, text, expected] of cases) {
    it(`is refused: ${what}`, () => {
      assert.deepEqual(
        linesOf(() => parseControllerConfig(text, 'controller.yaml')),
        [expected],
      );
    });
  }
});
