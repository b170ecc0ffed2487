/** What a package is made of, whatever its format. Paths are relative to the checkout, or below the root of the host. */
export interface PackageContents {
  readonly name: 'zdms-agent' | 'zdms-controller';
  /** One line. */
  readonly summary: string;
  /** Lines without the closing newline. */
  readonly description: readonly string[];
  /** Has `tree/`, as it lies on a host, and `scripts/`: install, remove, removed, purge. */
  readonly packaging: string;
  /** Where Node and the bundle go; also the folder of what this package alone owns. */
  readonly library: string;
  /** Name of the bundle's file -> the module that it begins with. */
  readonly entries: Readonly<Record<string, string>>;
  /** Files of proto/zdms/v1 that are read at run time. */
  readonly wires: readonly string[];
  readonly depends: readonly string[];
  readonly recommends: string;
  readonly requires: readonly string[];
  /** Files that a person may change: kept on an upgrade. */
  readonly configuration: readonly string[];
  /** What a person or an enrolment makes: while it is there, the removal of the .rpm keeps keys, state and users. */
  readonly setUpBy: string;
  /** All that can change the package, beside the Node that runs this. */
  readonly inputs: readonly string[];
}

const SHARED_INPUTS = ['lib', 'proto', 'package.json', 'package-lock.json', 'scripts/packaging'] as const;
/** Node's own needs, as an .rpm names them. */
const NODE_REQUIRES = [
  'libc.so.6(GLIBC_2.28)(64bit)',
  'libstdc++.so.6()(64bit)',
  '/usr/sbin/useradd',
  'systemd',
] as const;

export const agentContents: PackageContents = {
  name: 'zdms-agent',
  summary: 'zdms on one host: telemetry and the executor',
  description: [
    'Reports health, inventory and pending updates of this host to a zdms controller, and carries out the steps that the',
    'controller has signed. Has a Node runtime of its own. Does nothing until `zdms host install` has enrolled the host.',
  ],
  packaging: 'agent/packaging',
  library: 'usr/lib/zdms-agent',
  entries: { main: 'agent/main.ts' },
  wires: ['agent.proto'],
  depends: ['libc6 (>= 2.28)', 'libstdc++6', 'openssh-server', 'passwd', 'sudo', 'systemd'],
  recommends: 'needrestart',
  requires: [...NODE_REQUIRES, 'openssh-server', 'sudo'],
  configuration: [
    'etc/default/grub.d/zdms.cfg',
    'etc/grub.d/01-zdms',
    'etc/ssh/sshd_config.d/zdms.conf',
    'etc/sudoers.d/zdms',
  ],
  setUpBy: '/etc/zdms/agent.json',
  inputs: ['agent', ...SHARED_INPUTS],
};

export const controllerContents: PackageContents = {
  name: 'zdms-controller',
  summary: 'zdms for a fleet: the controller and its command line',
  description: [
    'Plans patches and reboots of a whole fleet and carries them out while every service stays up. Has a Node runtime of its',
    'own, and the package of the agent for `zdms host install`. Does nothing until `zdms init` has made its configuration.',
  ],
  packaging: 'controller/packaging',
  library: 'usr/lib/zdms-controller',
  entries: { zdms: 'controller/cli/main.ts', 'zdms-controller': 'controller/packaging/zdms-controller.ts' },
  wires: ['agent.proto', 'operator.proto'],
  depends: ['libc6 (>= 2.28)', 'libstdc++6', 'passwd', 'systemd'],
  recommends: 'openssh-client, ipmitool',
  requires: NODE_REQUIRES,
  configuration: [],
  setUpBy: '/etc/zdms/controller.yaml',
  // The package of the agent lies in that of the controller.
  inputs: ['controller', 'agent', ...SHARED_INPUTS],
};
