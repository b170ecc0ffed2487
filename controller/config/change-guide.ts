import type { Guide } from './guide.ts';

/** What belongs into change.yaml. */
export const changeGuide = {
  '': { noun: 'a mapping', expected: 'a mapping with where, packages, reboot and stages', example: 'where: all' },
  name: { noun: 'a name', expected: 'a name for people, at most 100 characters', example: 'name: openssl-3.0.17' },
  where: {
    noun: 'a choice of hosts',
    expected: 'all, labels that the hosts have, or a list of host ids; not empty',
    example: 'where: {role: web}',
  },
  packages: {
    noun: 'a list of packages',
    expected:
      'security, all, cve and ids, undo and a rollout, packages as name or name=version, or a mapping of name to version; not empty, each name once',
    example: 'packages: [openssl=3.0.17-1~deb12u2]',
  },
  // Before the entry for any package: the first that fits counts.
  'packages.cve': {
    noun: 'a CVE id, or a list of them',
    expected: 'ids as CVE-2026-1234, at most 100, each once: whatever closes them on each host',
    example: 'packages: {cve: CVE-2026-1234}',
  },
  'packages.cve.*': {
    noun: 'a CVE id',
    expected: 'an id as CVE-2026-1234',
    example: 'packages: {cve: [CVE-2026-1234]}',
  },
  'packages.*': {
    noun: 'a package',
    expected: 'a name, with a version in quotes where it looks like a number',
    example: 'packages: {openssl: "3.0.17-1~deb12u2"}',
  },
  except: {
    noun: 'a list of names',
    expected: 'names of packages that stay as they are; goes with packages: security, all or cve',
    example: 'except: [linux-image-amd64]',
  },
  'except.*': { noun: 'a name', expected: 'the name of a package', example: 'except: [linux-image-amd64]' },
  files: {
    noun: 'a list of files',
    expected: 'text files as hosts are to have them, at most 50 and 128 KiB in all, each path once',
    example: "files: [{path: /etc/motd, content: 'hello', then: nothing}]",
  },
  'files.*': {
    noun: 'a file',
    expected: 'path, content and then, and, if wanted, mode, owner, group, template and drain',
    example: "{path: /etc/motd, content: 'hello', then: nothing}",
  },
  'files.*.path': {
    noun: 'a path',
    expected: 'absolute, without .. and without blanks; a regular file, in a directory that is there',
    example: 'path: /etc/nginx/conf.d/cache.conf',
  },
  'files.*.content': {
    noun: 'text',
    expected:
      'the whole text; with template: true, {{ host }}, {{ address }}, {{ os }}, {{ kernel }}, {{ hardwareModel }} and {{ label.NAME }} stand for what the host is',
    example: 'content: "server_tokens off;\\n"',
  },
  'files.*.template': {
    noun: 'true or false',
    expected: 'true where facts of the host are to be filled in',
    example: 'template: true',
  },
  'files.*.mode': {
    noun: 'a mode',
    expected: 'three octal digits in quotes, 0644 if not said',
    example: "mode: '0640'",
  },
  'files.*.owner': {
    noun: 'a user',
    expected: 'the name of a user of the host, root if not said',
    example: 'owner: root',
  },
  'files.*.group': {
    noun: 'a group',
    expected: 'the name of a group of the host, root if not said',
    example: 'group: ssl-cert',
  },
  'files.*.drain': {
    noun: 'true or false',
    expected:
      'false where users may stay with the host, since a reload of that unit loses no request; true if not said, but for nothing',
    example: 'drain: false',
  },
  'files.*.then': {
    noun: 'an action',
    expected: 'nothing, reload UNIT, restart UNIT or reboot',
    example: 'then: reload nginx',
  },
  firmware: {
    noun: 'pending, or a list of devices',
    expected:
      'pending, which is the newest on offer for each device, or devices, each once; with it, atOnce is 1 if not said',
    example: 'firmware: [{device: System Firmware, version: 1.2.3}]',
  },
  'firmware.*': {
    noun: 'a device',
    expected: 'device and, if wanted, version; with image, the management controller of the machine writes it',
    example: '{device: System Firmware, version: 1.2.3}',
  },
  'firmware.*.device': {
    noun: 'a device',
    expected:
      'the name or the id of a device, as fwupd on the host tells it; with image, as the management controller does',
    example: 'device: System Firmware',
  },
  'firmware.*.version': {
    noun: 'a version',
    expected:
      'a version that is on offer, in quotes where it looks like a number; the newest if not said. With image it has to be said, as the management controller will tell it',
    example: "version: '1.2.3'",
  },
  'firmware.*.image': {
    noun: 'a URL',
    expected: 'http or https, from where the management controller itself can fetch the image',
    example: 'image: https://firmware.example.org/BIOS-1.2.3.bin',
  },
  reboot: { noun: 'always, ifNeeded or never', expected: 'always, ifNeeded or never', example: 'reboot: ifNeeded' },
  stages: {
    noun: 'a list of stages',
    expected: 'at least one stage; the last one, and only the last, has hosts: all, rings or each',
    example: 'stages: [{hosts: 1, soak: 5m}, {hosts: all}]',
  },
  'stages.*': {
    noun: 'a stage',
    expected: 'hosts, rings or each, and, if wanted, name and soak',
    example: '{name: canary, hosts: 1, soak: 5m}',
  },
  'stages.*.name': {
    noun: 'a name',
    expected: 'small letters, digits and dashes, different for each stage',
    example: 'name: canary',
  },
  'stages.*.hosts': {
    noun: 'a choice of hosts',
    expected:
      'a whole number, a percentage of the plan, diverse (one of each operating system, hardware model and role that can be out together), or all in the last stage',
    example: 'hosts: 10%',
  },
  'stages.*.rings': {
    noun: 'a number of hosts',
    expected: 'how many hosts the first ring has; each next one has twice as many, to the end',
    example: 'rings: 1',
  },
  'stages.*.each': {
    noun: 'a level',
    expected: 'a level of the topology: a stage for each of its domains, in order',
    example: 'each: zone',
  },
  'stages.*.soak': { noun: 'a duration', expected: 'a whole number with ms, s, m or h', example: 'soak: 5m' },
  priority: {
    noun: 'low, normal or high',
    expected: 'low, normal or high: where rollouts want the same budget, the higher one gets the next free slot',
    example: 'priority: high',
  },
  barrier: {
    noun: 'true or false',
    expected: 'true where each wave has to end before the next one begins',
    example: 'barrier: true',
  },
  wayBack: {
    noun: 'required or ifPossible',
    expected: 'required, or ifPossible where hosts may be patched that could not go back',
    example: 'wayBack: ifPossible',
  },
  atOnce: { noun: 'a number of hosts', expected: 'how many hosts may be out at once, 1 or more', example: 'atOnce: 2' },
} satisfies Guide;
