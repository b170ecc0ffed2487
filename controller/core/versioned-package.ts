/** A package in one version. */
export interface VersionedPackage {
  readonly name: string;
  readonly version: string;
}

/** `name=version`, as people type it. */
export function versionKey({ name, version }: VersionedPackage): string {
  return `${name}=${version}`;
}
