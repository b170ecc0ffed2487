import { defaultTiming } from '../core/timing.ts';
import { bmcGuide } from './bmc-guide.ts';
import type { Guide } from './guide.ts';

const timingGuide = Object.fromEntries(
  Object.entries(defaultTiming).map(([name, value]) => [
    `timing.${name}`,
    {
      noun: 'a whole number, 1 or more',
      expected: 'a whole number, 1 or more; names that end in Ms count milliseconds',
      example: `${name}: ${value}`,
    },
  ]),
);

/** What belongs into controller.yaml. */
export const controllerGuide: Guide = {
  '': {
    noun: 'a mapping',
    expected: 'a mapping with agents, operatorSocket, state, fleet, limits, metrics, bmc and timing',
    example: 'agents: {listen: "10.0.0.1:7443"}',
  },
  agents: { noun: 'a mapping', expected: 'listen and advertise', example: 'agents: {listen: "10.0.0.1:7443"}' },
  'agents.listen': {
    noun: 'an address and a port',
    expected: 'an IP address and a port',
    example: 'listen: "10.0.0.1:7443"',
  },
  'agents.advertise': {
    noun: 'a host and a port',
    expected: 'where agents reach this controller: name or address, and port',
    example: 'advertise: "zdms.example:7443"',
  },
  operatorSocket: {
    noun: 'an absolute path',
    expected: 'an absolute path',
    example: 'operatorSocket: /run/zdms/operator.sock',
  },
  state: {
    noun: 'an absolute path',
    expected: 'an absolute path of a directory',
    example: 'state: /var/lib/zdms/controller',
  },
  fleet: {
    noun: 'an absolute path',
    expected: 'an absolute path of the fleet file',
    example: 'fleet: /etc/zdms/fleet.yaml',
  },
  limits: {
    noun: 'an absolute path',
    expected: 'an absolute path of the limits file',
    example: 'limits: /etc/zdms/limits.yaml',
  },
  metrics: {
    noun: 'a mapping',
    expected: 'listen: where Prometheus finds the metrics; without it, nowhere',
    example: 'metrics: {listen: "127.0.0.1:9464"}',
  },
  'metrics.listen': {
    noun: 'an address and a port',
    expected: 'an IP address and a port',
    example: 'listen: "127.0.0.1:9464"',
  },
  ...bmcGuide,
  timing: {
    noun: 'a mapping',
    expected: 'times that differ from the built-in ones',
    example: `timing: {${exampleOfTiming()}}`,
  },
  ...timingGuide,
};

function exampleOfTiming(): string {
  const [first] = Object.entries(defaultTiming);
  return first === undefined ? '' : `${first[0]}: ${first[1]}`;
}
