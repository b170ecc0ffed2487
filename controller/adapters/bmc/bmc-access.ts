/** Where a management controller is, and as whom we speak to it. */
export type BmcAccess = IpmiAccess | LibvirtAccess | RedfishAccess;

/** The password itself is in a file, and is read each time: a new one needs no restart. */
interface Account {
  readonly user: string;
  /** Absolute path. */
  readonly passwordFile: string;
}

export interface IpmiAccess extends Account {
  readonly kind: 'ipmi';
  readonly address: string;
  /** UDP. */
  readonly port: number;
  /** 3: HMAC-SHA1, AES; 17: HMAC-SHA256, AES. Newer controllers allow only the second. */
  readonly cipherSuite: 3 | 17;
}

/** A virtual machine: its hypervisor is its management controller. Who we are there is said by the URI. */
export interface LibvirtAccess {
  readonly kind: 'libvirt';
  /** As libvirt writes it, such as `qemu+ssh://zdms@kvm-1/system?no_tty=1`. */
  readonly uri: string;
  /** Its name or UUID. Never a number: libvirt would take that for an id, which is another machine's after the next start. */
  readonly domain: string;
}

export interface RedfishAccess extends Account {
  readonly kind: 'redfish';
  /** `https://HOST[:PORT]`, without a path. */
  readonly url: string;
  readonly trust: RedfishTrust;
  /** Path of the ComputerSystem; null: the only one. */
  readonly system: string | null;
}

/**
 * What makes the controller's certificate a good one: its own SHA-256 (64 lower-case hex digits), or who signed it: those in a file
 * (PEM, absolute path), or those whom this machine trusts anyway.
 */
export type RedfishTrust =
  | { readonly kind: 'fingerprint'; readonly sha256: string }
  | { readonly kind: 'ca-file'; readonly file: string }
  | { readonly kind: 'system-cas' };
