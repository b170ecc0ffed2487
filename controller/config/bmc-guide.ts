import type { Guide } from './guide.ts';

const user = {
  noun: 'a name',
  expected: 'the user on the management controller: up to 64 characters, no colon',
  example: 'user: zdms',
};
const passwordFile = {
  noun: 'an absolute path',
  expected: "an absolute path of a file whose first line is the user's password, which others may not read",
  example: 'passwordFile: /etc/zdms/bmc-password',
};
const ipmiExample = 'ipmi: {address: 10.0.9.1, user: zdms, passwordFile: /etc/zdms/bmc-password}';
const redfishExample = 'redfish: {url: "https://10.0.9.2", user: zdms, passwordFile: /etc/zdms/bmc-password}';
const libvirtExample = 'libvirt: {uri: "qemu+ssh://zdms@kvm-1/system", domain: web-1}';

/** What belongs into `bmc` of controller.yaml. */
export const bmcGuide: Guide = {
  bmc: {
    noun: 'a mapping of host ids',
    expected: 'management controllers by host id',
    example: `bmc: {web-1: {${ipmiExample}}}`,
  },
  'bmc.*': {
    noun: 'a host id with its management controller',
    expected: 'a host id, and one of ipmi, redfish and libvirt',
    example: `web-1: {${ipmiExample}}`,
  },
  'bmc.*.ipmi': { noun: 'a mapping', expected: 'address, user and passwordFile', example: ipmiExample },
  'bmc.*.ipmi.address': { noun: 'an address', expected: 'an IP address or a host name', example: 'address: 10.0.9.1' },
  'bmc.*.ipmi.port': { noun: 'a port', expected: 'a UDP port, 1 to 65535', example: 'port: 623' },
  'bmc.*.ipmi.user': user,
  'bmc.*.ipmi.passwordFile': passwordFile,
  'bmc.*.ipmi.cipherSuite': {
    noun: '3 or 17',
    expected: '3, or 17 where the management controller allows only that',
    example: 'cipherSuite: 17',
  },
  'bmc.*.libvirt': { noun: 'a mapping', expected: 'uri and domain', example: libvirtExample },
  'bmc.*.libvirt.uri': {
    noun: 'a URI of libvirt without a password',
    expected: 'where libvirt finds the hypervisor, and as whom, without a password',
    example: 'uri: "qemu+ssh://zdms@kvm-1/system"',
  },
  'bmc.*.libvirt.domain': {
    noun: 'the name of a domain',
    expected: 'the name or UUID of the virtual machine on its hypervisor; not its id, which changes with each start',
    example: 'domain: web-1',
  },
  'bmc.*.redfish': { noun: 'a mapping', expected: 'url, user and passwordFile', example: redfishExample },
  'bmc.*.redfish.url': {
    noun: 'an https address without a path',
    expected: 'https, host and port of the management controller, no more',
    example: 'url: "https://10.0.9.2"',
  },
  'bmc.*.redfish.user': user,
  'bmc.*.redfish.passwordFile': passwordFile,
  'bmc.*.redfish.fingerprint': {
    noun: 'a SHA-256 in hex digits',
    expected: "the SHA-256 of the management controller's certificate: 64 hex digits, colons or not",
    example: `fingerprint: "${'3f'.repeat(32)}"`,
  },
  'bmc.*.redfish.caFile': {
    noun: 'an absolute path',
    expected: "an absolute path of a PEM file with those who may have signed the management controller's certificate",
    example: 'caFile: /etc/zdms/bmc-ca.pem',
  },
  'bmc.*.redfish.system': {
    noun: 'a path of Redfish',
    expected: 'the path of the ComputerSystem, where the management controller has several',
    example: 'system: /redfish/v1/Systems/1',
  },
};
