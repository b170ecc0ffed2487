/** A package that the contract of package managers is tried on; its files do not matter. */
export type DemoPackage = {
  readonly name: string;
  readonly version: string;
  /** Name and lowest version of a package that it needs. */
  readonly needs?: readonly [name: string, version: string];
  readonly conflicts?: string;
  readonly post?: string;
  /** What its configuration file, `/etc/NAME.conf`, says. */
  readonly configuration?: string;
  /** In no repository any more; a host that has it got it long ago. */
  readonly dropped?: true;
};

/** Kills the package manager in the middle of its transaction, the first time only. */
const killManagerOnce = '[ -e /var/zstop ] || { touch /var/zstop; kill -9 $PPID; exit 1; }';

/** All packages of the repository. The first version of each is what a host has. */
export const demoPackages: readonly DemoPackage[] = [
  { name: 'zdemo', version: '1.0.0' },
  { name: 'zdemo', version: '1.1.0' },
  { name: 'zdemo', version: '1.2.0' },
  { name: 'zlib-demo', version: '1.0.0' },
  { name: 'zlib-demo', version: '1.1.0' },
  { name: 'zuser', version: '1.0.0', needs: ['zlib-demo', '1.0.0'] },
  { name: 'zuser', version: '1.1.0', needs: ['zlib-demo', '1.1.0'] },
  { name: 'zold', version: '1.0.0' },
  { name: 'zrival', version: '1.0.0' },
  { name: 'zrival', version: '1.1.0', conflicts: 'zold' },
  { name: 'zgone', version: '1.0.0', dropped: true },
  { name: 'zgone', version: '1.1.0' },
  { name: 'zconf', version: '1.0.0', configuration: 'speed=1\n' },
  { name: 'zconf', version: '1.1.0', configuration: 'speed=2\n' },
  { name: 'zbad', version: '1.0.0' },
  { name: 'zbad', version: '1.1.0', post: 'exit 1' },
  { name: 'zstop', version: '1.0.0' },
  { name: 'zstop', version: '1.1.0', post: killManagerOnce },
];
