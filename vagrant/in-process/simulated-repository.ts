import { createHash } from 'node:crypto';
import { compareDebianVersions } from '../../agent/platform/packages/apt/debian-version.ts';
import type { PackageOffer } from '../../agent/platform/packages/packages.ts';

const DOWNLOAD_BYTES = 4_200;

/** What is the only file of this name and version, as its digest. */
export function digestOf(name: string, version: string): string {
  return createHash('sha256').update(`${name} ${version}`).digest('hex');
}

/** The package repository that all hosts of a lab share. */
export class SimulatedRepository {
  readonly #versions = new Map<string, Set<string>>();

  publish(name: string, ...versions: readonly string[]): void {
    this.#versions.set(name, new Set([...(this.#versions.get(name) ?? []), ...versions]));
  }

  withdraw(name: string, version: string): void {
    this.#versions.get(name)?.delete(version);
  }

  has(name: string, version: string): boolean {
    return this.#versions.get(name)?.has(version) === true;
  }

  /** Newest first. */
  offers(name: string): readonly PackageOffer[] {
    const versions = [...(this.#versions.get(name) ?? [])];
    return versions
      .toSorted((left, right) => compareDebianVersions(right, left))
      .map((version) => ({
        version,
        sha256: digestOf(name, version),
        downloadBytes: DOWNLOAD_BYTES,
        security: true,
        origin: 'zlab-security',
      }));
  }
}
