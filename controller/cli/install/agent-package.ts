import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ZdmsError } from '../../../lib/zdms-error.ts';

/** A built package of the agent. */
export interface AgentPackage {
  readonly file: string;
  readonly version: string;
  readonly architecture: string;
}

/** Where `scripts/package` puts them, and where an installed controller has them. */
const FOLDERS = [fileURLToPath(new URL('../../../dist/', import.meta.url)), '/usr/share/zdms'];

const fileName = /^zdms-agent_([0-9A-Za-z.+~]+(?:-[0-9A-Za-z.+~]+)?)_([a-z0-9]+)\.deb$/;

/** Reads version and architecture off the file's name. Throws ZdmsError ZDMS_AGENT_PACKAGE_INVALID. */
export function agentPackageOf(file: string): AgentPackage {
  const [, version, architecture] = fileName.exec(basename(file)) ?? [];
  if (version !== undefined && architecture !== undefined) return { file, version, architecture };
  throw new ZdmsError(
    'ZDMS_AGENT_PACKAGE_INVALID',
    `${file} is not named like a package of the agent`,
    'Name it zdms-agent_VERSION_ARCHITECTURE.deb, as it was built.',
  );
}

/** The newest package for an architecture in the usual folders. Throws ZdmsError ZDMS_NO_AGENT_PACKAGE. */
export async function findAgentPackage(
  architecture: string,
  folders: readonly string[] = FOLDERS,
): Promise<AgentPackage> {
  const found: { readonly modifiedMs: number; readonly file: string }[] = [];
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => []);
    for (const name of names.filter((one) => fileName.exec(one)?.[2] === architecture)) {
      const file = join(folder, name);
      found.push({ file, modifiedMs: (await stat(file)).mtimeMs });
    }
  }
  const [newest] = found.toSorted((one, other) => other.modifiedMs - one.modifiedMs);
  if (newest !== undefined) return agentPackageOf(newest.file);
  throw new ZdmsError(
    'ZDMS_NO_AGENT_PACKAGE',
    `there is no zdms-agent package for ${architecture}`,
    'Build it with ./scripts/package, or name one with --package FILE.',
  );
}
