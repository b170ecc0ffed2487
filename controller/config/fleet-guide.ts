import type { Guide } from './guide.ts';

/** What belongs into fleet.yaml. */
export const fleetGuide = {
  '': {
    noun: 'a mapping',
    expected: 'a mapping with fleet, topology, services, budgets and policy',
    example: 'fleet: shop-eu',
  },
  fleet: {
    noun: 'a name',
    expected: 'the name of the fleet in small letters, digits and dashes',
    example: 'fleet: shop-eu',
  },
  topology: {
    noun: 'a list of different levels',
    expected: 'the levels of failure domains, outermost first',
    example: 'topology: [zone, rack]',
  },
  services: {
    noun: 'a mapping',
    expected: 'services by name',
    example: 'services: {web: {hosts: {role: web}, size: 6, keepUp: 4}}',
  },
  'services.*': {
    noun: 'a service',
    expected: 'a name in small letters, digits and dashes, with hosts, size, and keepUp, maxOut or quorum',
    example: 'web: {hosts: {role: web}, size: 6, keepUp: 4}',
  },
  'services.*.hosts': {
    noun: 'a choice of hosts',
    expected: 'labels that the hosts have, or a list of host ids; not empty',
    example: 'hosts: {role: web}',
  },
  'services.*.size': {
    noun: 'a number of hosts',
    expected: 'how many hosts the service has when all is well, 1 or more',
    example: 'size: 6',
  },
  'services.*.quorum': {
    noun: 'a quorum system',
    expected: 'etcd, for a service whose members vote; then neither keepUp nor maxOut',
    example: 'quorum: etcd',
  },
  'services.*.spare': {
    noun: 'a number or a level',
    expected:
      'how many healthy voters have to stay beyond the majority (1 unless said), or a level of the topology: a majority has to be left without any one such domain',
    example: 'spare: zone',
  },
  'services.*.witnesses': {
    noun: 'a list of different host ids',
    expected: 'voters that hold no data, which never lead; fewer than a majority',
    example: 'witnesses: [etcd-3]',
  },
  'services.*.after': {
    noun: 'a list of different services',
    expected: 'services of which no host may wait or be out when one of this service is taken',
    example: 'after: [web, etcd]',
  },
  'services.*.keepUp': {
    noun: 'a number or a percentage',
    expected: 'a whole number of hosts, or a percentage of the size',
    example: 'keepUp: 4',
  },
  'services.*.maxOut': {
    noun: 'a number or a percentage',
    expected: 'a whole number of hosts, or a percentage of the size',
    example: 'maxOut: 34%',
  },
  'services.*.oneAtATime': {
    noun: 'a level',
    expected: 'a level of the topology, or off',
    example: 'oneAtATime: zone',
  },
  'services.*.pool': {
    noun: 'a pool',
    expected: 'the balancers and the backend',
    example: 'pool: {haproxy: [lb-1, lb-2], backend: web}',
  },
  'services.*.pool.haproxy': {
    noun: 'a list of different host ids',
    expected: 'the ids of the hosts that run HAProxy',
    example: 'haproxy: [lb-1, lb-2]',
  },
  'services.*.pool.backend': {
    noun: 'the name of a backend',
    expected: 'the backend as HAProxy names it',
    example: 'backend: web',
  },
  'services.*.check': {
    noun: 'a check',
    expected: 'http with a port and a path, or tcp with a port, or a list of these',
    example: 'check: {http: ":8080/healthz"}',
  },
  'services.*.probe': {
    noun: 'a probe',
    expected: 'url and, if wanted, perSecond',
    example: 'probe: {url: "http://shop.example/", perSecond: 50}',
  },
  'services.*.probe.url': {
    noun: 'a URL or a list of URLs',
    expected: 'where users come in, http or https',
    example: 'url: "http://shop.example/"',
  },
  'services.*.probe.perSecond': {
    noun: 'a rate',
    expected: 'requests a second, from 1 to 1000',
    example: 'perSecond: 50',
  },
  budgets: {
    noun: 'a mapping',
    expected: 'budgets by name, over several services together or over a hardware model',
    example: 'budgets: {storage: {services: [ceph, nfs], maxOut: 1}}',
  },
  'budgets.*': {
    noun: 'a budget',
    expected: 'services or model, with keepUp or maxOut, and oneAtATime if wanted',
    example: 'storage: {services: [ceph, nfs], maxOut: 1}',
  },
  'budgets.*.services': {
    noun: 'a list of services',
    expected: 'the services whose hosts share the budget',
    example: 'services: [ceph, nfs]',
  },
  'budgets.*.model': {
    noun: 'a hardware model',
    expected: 'a hardware model as agents report it, see `zdms host show`',
    example: 'model: "PowerEdge R740"',
  },
  'budgets.*.keepUp': {
    noun: 'a number or a percentage',
    expected: 'a whole number of hosts, or a percentage of the sizes together',
    example: 'keepUp: 90%',
  },
  'budgets.*.maxOut': {
    noun: 'a number or a percentage',
    expected: 'a whole number of hosts, or a percentage of the sizes together',
    example: 'maxOut: 2',
  },
  'budgets.*.oneAtATime': {
    noun: 'a level',
    expected: 'a level of the topology, or off',
    example: 'oneAtATime: rack',
  },
  policy: {
    noun: 'a policy',
    expected: 'onFailure, stopAfter, noReturn, loggedInUsers, stableFor and windows',
    example: 'policy: {onFailure: hold, stopAfter: {hosts: 2}}',
  },
  'policy.onFailure': {
    noun: 'hold or undo',
    expected: 'hold (a failed host waits for a person) or undo (it goes back; after `stopAfter` hosts all of them do)',
    example: 'onFailure: hold',
  },
  'policy.noReturn': {
    noun: 'hold or powerCycle',
    expected:
      'hold (a host that does not return from its reboot waits for a person) or powerCycle (its power is cycled once)',
    example: 'noReturn: powerCycle',
  },
  'policy.loggedInUsers': {
    noun: 'ignore or refuse',
    expected:
      'ignore (nobody looks who is logged in) or refuse (a host on which people are logged in is left as it is, where it might be rebooted)',
    example: 'loggedInUsers: refuse',
  },
  'policy.stableFor': {
    noun: 'a duration',
    expected:
      'how long a host has to stay on its new boot before it is verified: a whole number with ms, s, m or h, at most 1h',
    example: 'stableFor: 5m',
  },
  'policy.stopAfter': {
    noun: 'a limit',
    expected: 'how many failed hosts stop a rollout: hosts, percent, or both',
    example: 'stopAfter: {hosts: 2, percent: 5}',
  },
  'policy.stopAfter.percent': {
    noun: 'a percentage',
    expected: 'a share of the hosts in the plan, from 1 to 100',
    example: 'percent: 5',
  },
  'policy.windows': {
    noun: 'a list of maintenance windows',
    expected:
      'when hosts may be taken out, one window or more; without it, at any time. A host is taken when the time that it will be out lies within one; what is out when one closes goes on',
    example: 'windows: ["Tue,Wed 22:00-05:00 Europe/Berlin"]',
  },
  'policy.windows.*': {
    noun: 'a maintenance window',
    expected:
      'the days on which it begins (Tue,Wed or Mon-Fri or daily), hours and an IANA time zone. The clock on the wall there decides: in the night in which clocks change it is an hour longer or shorter',
    example: 'windows: ["Mon-Fri 22:00-05:00 Europe/Berlin"]',
  },
  'policy.stopAfter.hosts': { noun: 'a number of hosts', expected: 'a whole number, 1 or more', example: 'hosts: 2' },
} satisfies Guide;
