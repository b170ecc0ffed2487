import { on, put } from '../packaged-lab.ts';

/** Something that goes wrong on a host until it is mended. */
export interface Fault {
  readonly begin: (host: string) => Promise<unknown>;
  readonly mend: (host: string) => Promise<unknown>;
}

const REBOOT = '/etc/systemd/system/reboot.target';
const APT_CONFIGURATION = '/etc/apt/apt.conf.d/99-fails';

/** Whoever reboots the host switches it off. */
export const neverComesBack: Fault = {
  begin: async (host) => {
    await on(host, 'ln', '--symbolic', '--force', '/usr/lib/systemd/system/poweroff.target', REBOOT);
    await on(host, 'systemctl', 'daemon-reload');
  },
  mend: async (host) => {
    await on(host, 'rm', '--force', REBOOT);
    await on(host, 'systemctl', 'daemon-reload');
  },
};

/** apt downloads and plans, and fails when it comes to the work. */
export const aptFails: Fault = {
  begin: (host) => put(host, APT_CONFIGURATION, 'DPkg::Pre-Install-Pkgs { "echo no room on the disk >&2; false"; };\n'),
  mend: (host) => on(host, 'rm', '--force', APT_CONFIGURATION),
};

/** What `socat stdio PATH` does; the lab's hosts have none. */
const SOCAT = `#!/usr/bin/python3
import socket, sys
peer = socket.socket(socket.AF_UNIX)
peer.connect(sys.argv[2])
peer.sendall(sys.stdin.buffer.read())
while answer := peer.recv(4096):
    sys.stdout.buffer.write(answer)
`;

/** Puts it on a host. */
export async function standInForSocat(host: string): Promise<void> {
  await put(host, '/usr/local/bin/socat', SOCAT);
  await on(host, 'chmod', '755', '/usr/local/bin/socat');
}
