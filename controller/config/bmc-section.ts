import { isIP } from 'node:net';
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { hostId } from './selector.ts';
import type { YamlFile } from './yaml-file.ts';

/** Where the management controller of one host is, and as whom the controller speaks to it. */
export type BmcConfig = IpmiConfig | LibvirtConfig | RedfishConfig;

interface Account {
  readonly user: string;
  /** Absolute path of a file whose first line is the password. */
  readonly passwordFile: string;
}

interface IpmiConfig extends Account {
  readonly kind: 'ipmi';
  readonly address: string;
  /** UDP. */
  readonly port: number;
  readonly cipherSuite: 3 | 17;
}

interface LibvirtConfig {
  readonly kind: 'libvirt';
  /** As libvirt writes it. */
  readonly uri: string;
  /** Name or UUID. */
  readonly domain: string;
}

interface RedfishConfig extends Account {
  readonly kind: 'redfish';
  /** `https://HOST[:PORT]`. */
  readonly url: string;
  /** `sha256`: 64 lower-case hex digits. `system-cas`: those whom this machine trusts anyway. */
  readonly trust:
    | { readonly kind: 'fingerprint'; readonly sha256: string }
    | { readonly kind: 'ca-file'; readonly file: string }
    | { readonly kind: 'system-cas' };
  /** Path of the ComputerSystem; null: the only one. */
  readonly system: string | null;
}

const path = z.string().max(4096).refine(isAbsolute);
const hostName = /^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/;
const fingerprint = /^([0-9a-fA-F]{2}:?){31}[0-9a-fA-F]{2}$/;
const systemPath = /^\/redfish\/v1\/[A-Za-z0-9._~/-]{1,200}$/;
/** Basic authentication parts user and password by a colon. */
const user = z.string().regex(/^[^\s:\p{Cc}]{1,64}$/u);

const ipmi = z.strictObject({
  address: z.string().refine((text) => isIP(text) !== 0 || hostName.test(text)),
  port: z.int().min(1).max(65_535).default(623),
  user,
  passwordFile: path,
  cipherSuite: z.literal([3, 17]).default(3),
});

/** A number alone would be an id to libvirt, and another machine's after the next start. */
const domainName = /^(?!\d+$)[A-Za-z0-9_][A-Za-z0-9_.:+@-]{0,127}$/;

const libvirt = z.strictObject({
  uri: z.string().max(300).refine(isLibvirtUri),
  domain: z.string().regex(domainName),
});

const redfish = z.strictObject({
  url: z.string().max(300).refine(isBareHttps),
  user,
  passwordFile: path,
  fingerprint: z.string().regex(fingerprint).optional(),
  caFile: path.optional(),
  system: z.string().regex(systemPath).optional(),
});

/** The schema of `bmc` in controller.yaml: by host id. */
export const bmcSchema = z
  .record(hostId, z.strictObject({ ipmi: ipmi.optional(), libvirt: libvirt.optional(), redfish: redfish.optional() }))
  .default({});

type Section = z.infer<typeof bmcSchema>;
type RedfishFields = z.infer<typeof redfish>;

/** The section as the controller uses it; what the schema cannot say is reported to `yaml`. */
export function readBmcs(yaml: YamlFile, section: Section): ReadonlyMap<string, BmcConfig> {
  const read = new Map<string, BmcConfig>();
  const hostOf = new Map<string, string>();
  for (const [host, entry] of Object.entries(section)) {
    const config = readBmc(yaml, host, entry);
    if (config === null) continue;
    const other = hostOf.get(machineOf(config));
    if (other !== undefined)
      yaml.add(['bmc', host], `it is the machine of ${other}, whose power would be cycled for it`);
    hostOf.set(machineOf(config), host);
    read.set(host, config);
  }
  return read;
}

/** What no two hosts may share: a copied line would switch the wrong machine. */
function machineOf(config: BmcConfig): string {
  switch (config.kind) {
    case 'ipmi':
      return `${config.address} ${config.port}`;
    case 'libvirt':
      return `${config.uri} ${config.domain}`;
    case 'redfish':
      return `${config.url.toLowerCase()} ${config.system ?? ''}`;
  }
}

function readBmc(yaml: YamlFile, host: string, entry: Section[string]): BmcConfig | null {
  const said = Object.keys(entry);
  if (said.length === 1) {
    if (entry.ipmi !== undefined) return { kind: 'ipmi', ...entry.ipmi };
    if (entry.libvirt !== undefined) return { kind: 'libvirt', ...entry.libvirt };
    if (entry.redfish !== undefined) return readRedfish(yaml, host, entry.redfish);
  }
  yaml.add(
    ['bmc', host],
    said.length === 0 ? 'it says neither ipmi nor redfish nor libvirt' : `it says ${said.join(' and ')}`,
  );
  return null;
}

function readRedfish(yaml: YamlFile, host: string, fields: RedfishFields): BmcConfig {
  const { url, user: name, passwordFile, fingerprint: pinned, caFile, system = null } = fields;
  if (pinned !== undefined && caFile !== undefined) {
    yaml.add(['bmc', host, 'redfish', 'caFile'], 'the certificate is pinned by fingerprint already');
  }
  return { kind: 'redfish', url, user: name, passwordFile, trust: trustIn(pinned, caFile), system };
}

function trustIn(pinned: string | undefined, caFile: string | undefined): RedfishConfig['trust'] {
  if (pinned !== undefined) return { kind: 'fingerprint', sha256: pinned.replaceAll(':', '').toLowerCase() };
  return caFile === undefined ? { kind: 'system-cas' } : { kind: 'ca-file', file: caFile };
}

/** Without TLS the password would be in everybody's reach, and its path is what a management controller tells itself. */
function isBareHttps(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, pathname, search, hash, username, password } = new URL(text);
  return protocol === 'https:' && pathname === '/' && search + hash + username + password === '';
}

/** Passwords have no place in it: libvirt ignores them there, and everybody may read the words of a process. */
function isLibvirtUri(text: string): boolean {
  if (!/^[a-z][a-z0-9+]*:\/\/[^\s\p{Cc}]*$/u.test(text)) return false;
  const authority = /^[^:]+:\/\/([^/?#]*)/.exec(text)?.[1] ?? '';
  return !authority.slice(0, authority.lastIndexOf('@') + 1).includes(':');
}
