import { mustSucceed } from './must-succeed.ts';
import type { AgentPackage } from './agent-package.ts';
import type { RemoteHost } from './remote-host.ts';

const DEADLINE_MS = 120_000;

/**
 * $1: the package, $2: its name in the repository, $3: its version. The installed version stays beside it, as the way back; older ones go.
 * All of it is removed when the agent is purged.
 */
const KEEP = `set -eu
folder=/var/lib/zdms/packages
install -d -m 0755 "$folder"
install -m 0644 -- "$1" "$folder/$2"
installed=$(dpkg-query -W -f='\${Version}' zdms-agent)
for deb in "$folder"/*.deb; do
  case $(dpkg-deb --field "$deb" Version) in "$installed" | "$3") ;; *) rm -- "$deb" ;; esac
done
`;

/** Makes a repository of what is kept, tells apt, and looks for updates anew. apt fetches by copying, as from a mirror: zdms checks the copy. */
const OFFER = `cd "$folder"
for deb in *.deb; do
  dpkg-deb --field "$deb"
  printf 'Filename: ./%s\\nSize: %s\\nSHA256: %s\\n\\n' "$deb" "$(stat -c %s "$deb")" "$(sha256sum "$deb" | cut -d ' ' -f 1)"
done >Packages.new
mv Packages.new Packages
list=/etc/apt/sources.list.d/zdms-agent.list
echo "deb [trusted=yes] copy:$folder ./" >"$list"
apt-get -q -o DPkg::Lock::Timeout=60 -o "Dir::Etc::SourceList=$list" -o Dir::Etc::SourceParts=- -o APT::Get::List-Cleanup=0 update
systemctl start --no-block zdms-survey-soon.service
`;

/** Keeps a package that lies at `file` on the host, so that it can be gone back to without any mirror. Throws ZdmsError. */
export async function keepPackage(remote: RemoteHost, file: string, wanted: AgentPackage): Promise<void> {
  await runScript(remote, KEEP, file, wanted);
}

/** The same, and apt has it on offer: a rollout can bring it. Throws ZdmsError. */
export async function offerPackage(remote: RemoteHost, file: string, wanted: AgentPackage): Promise<void> {
  await runScript(remote, `${KEEP}${OFFER}`, file, wanted);
}

async function runScript(remote: RemoteHost, script: string, file: string, wanted: AgentPackage): Promise<void> {
  const { version, architecture } = wanted;
  const name = `zdms-agent_${version}_${architecture}.deb`;
  mustSucceed(
    await remote.runAsRoot(['sh', '-s', '--', file, name, version], { input: script, deadlineMs: DEADLINE_MS }),
    'ZDMS_PACKAGE_FAILED',
    'keeping the package in /var/lib/zdms/packages failed',
    'See that /var on the host has room for it and that no other apt is at work there, then run it again.',
  );
}
