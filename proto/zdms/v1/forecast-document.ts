/** What a host will have to do to run what a plan brings, as `zdms plan -o json` prints it. `units`: the first services that will be restarted, and `more`; `because`: what asks for a reboot, which is not done where the change says never. */
export interface ForecastDocument {
  readonly host: string;
  readonly action: 'nothing' | 'restart' | 'reboot';
  readonly units: readonly string[];
  readonly more: number;
  readonly because: readonly string[];
}
