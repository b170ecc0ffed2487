import { ZdmsError } from '../../lib/zdms-error.ts';
import type { VersionedPackage } from '../core/versioned-package.ts';

/** `NAME=VERSION`. Throws ZdmsError ZDMS_VERSION_NAME_INVALID. */
export function parseVersion(text: string): VersionedPackage {
  const [, name, version] = /^([^\s=]{1,200})=([^\s=]{1,200})$/.exec(text) ?? [];
  if (name !== undefined && version !== undefined) return { name, version };
  throw new ZdmsError(
    'ZDMS_VERSION_NAME_INVALID',
    `\`${text}\` names no version of a package`,
    'Name it as NAME=VERSION, for example zdemo=1.2.0.',
  );
}
