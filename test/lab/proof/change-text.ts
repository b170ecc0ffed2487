import { demoPackageOf } from '../../../vagrant/nspawn/demo-package.ts';
import type { LabHost } from '../../../vagrant/topology.ts';

export interface ChangeTextOptions {
  /** All web hosts unless told. */
  readonly hosts?: readonly Pick<LabHost, 'name' | 'role'>[] | undefined;
  /** Null: as many as the fleet allows. */
  readonly atOnce?: number | null;
}

/** The text of a change file: the demo package of each host in this version, one canary first. */
export function changeText(version: string, { hosts, atOnce = null }: ChangeTextOptions = {}): string {
  const where = hosts === undefined ? '{ role: web }' : `[${hosts.map((host) => host.name).join(', ')}]`;
  const packages = new Set((hosts ?? [{ role: 'web' as const }]).map((host) => demoPackageOf(host.role)));
  const wanted = [...packages].filter((name) => name !== null).map((name) => `${name}=${version}`);
  return `# Every one of these hosts gets this version of its demo package and a reboot.
name: demo-${version}
where: ${where}
packages: [${wanted.join(', ')}]
reboot: always
stages:
  - { name: canary, hosts: 1 }
  - { name: all, hosts: all }
${atOnce === null ? '' : `atOnce: ${atOnce}\n`}`;
}
