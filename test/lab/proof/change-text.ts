/** The text of a change file: zdemo in this version on all web hosts, one canary first. `atOnce` null: as many as the fleet allows. */
export function changeText(version: string, atOnce: number | null = null): string {
  return `# Every web host gets this version of the demo service and a reboot.
name: zdemo-${version}
where: { role: web }
packages: [zdemo=${version}]
reboot: always
stages:
  - { name: canary, hosts: 1 }
  - { name: all, hosts: all }
${atOnce === null ? '' : `atOnce: ${atOnce}\n`}`;
}
