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
  /** CVE ids that a version closes, by NAME=VERSION. */
  readonly #closed = new Map<string, readonly string[]>();

  publish(name: string, ...versions: readonly string[]): void {
    this.#versions.set(name, new Set([...(this.#versions.get(name) ?? []), ...versions]));
  }

  withdraw(name: string, version: string): void {
    this.#versions.get(name)?.delete(version);
  }

  /** Says what a version closes, in its changelog. */
  closes(name: string, version: string, ...cves: readonly string[]): void {
    this.#closed.set(`${name}=${version}`, cves);
  }

  has(name: string, version: string): boolean {
    return this.#versions.get(name)?.has(version) === true;
  }

  /** For a host that has this version; newest first. */
  offers(name: string, installed: string): readonly PackageOffer[] {
    const versions = [...(this.#versions.get(name) ?? [])];
    return versions
      .toSorted((left, right) => compareDebianVersions(right, left))
      .map((version) => ({
        version,
        sha256: digestOf(name, version),
        downloadBytes: DOWNLOAD_BYTES,
        security: true,
        origin: 'zlab-security',
        advisories: [],
        cves: this.#closedBetween(name, installed, version),
        advisoriesKnown: compareDebianVersions(version, installed) > 0,
      }));
  }

  #closedBetween(name: string, installed: string, version: string): readonly string[] {
    const between = [...(this.#versions.get(name) ?? [])].filter(
      (each) => compareDebianVersions(each, installed) > 0 && compareDebianVersions(each, version) <= 0,
    );
    return [...new Set(between.flatMap((each) => this.#closed.get(`${name}=${each}`) ?? []))].toSorted();
  }
}
