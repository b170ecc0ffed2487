/** Versions that nothing brings to any host, the latest first. */
export interface QuarantineDocument {
  readonly versions: readonly {
    readonly name: string;
    readonly version: string;
    readonly since: number;
    /** A person, or the policy. */
    readonly by: string;
    readonly reason: string;
  }[];
}
