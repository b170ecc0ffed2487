import { packageVersion } from '../../../lib/package-version.ts';
import { ZdmsError } from '../../../lib/zdms-error.ts';
import type { CliContext } from '../cli-context.ts';
import type { OperatorClient } from '../operator-client.ts';
import { checkAgents, checkClock, checkRenewals, checkVersions } from './check-agents.ts';
import { checkBalancers } from './check-balancers.ts';
import { checkCertificates } from './check-certificates.ts';
import { checkConfiguration } from './check-configuration.ts';
import { checkDisk, checkPermissions, checkSocket } from './check-files.ts';
import { type Finding, ok, unknown, wrong } from './finding.ts';

/** What only a controller can tell. */
const ASKED = ['agents', 'clock', 'renewals', 'versions', 'balancers'];

/** All checks: first those that need no controller, then those that ask it. `connect` is told the socket that the file names. */
export async function examine(
  file: string,
  connect: (socket: string | null) => OperatorClient,
  context: CliContext,
): Promise<readonly Finding[]> {
  const { config, findings } = await checkConfiguration(file, context);
  const client = connect(config?.operatorSocket ?? null);
  try {
    const offline =
      config === null
        ? []
        : await Promise.all([
            checkPermissions(config, file),
            checkCertificates(config, context),
            checkDisk(config),
            checkSocket(config),
          ]);
    return [...findings, ...offline.flat(), ...(await ask(client, context))];
  } finally {
    client.close();
  }
}

async function ask(client: OperatorClient, context: CliContext): Promise<readonly Finding[]> {
  try {
    const [health, hosts] = await Promise.all([client.health(), client.listHosts()]);
    const now = context.now();
    return [
      ok('controller', 'it answers'),
      checkAgents(hosts, health, now),
      checkClock(health),
      checkRenewals(health, now),
      checkVersions(packageVersion(), health, hosts),
      ...(await checkBalancers(health, hosts, now)),
    ];
  } catch (error) {
    if (!(error instanceof ZdmsError)) throw error;
    const next = error.next ?? 'Look into its log: journalctl -u zdms-controller.';
    return [
      wrong('controller', error.message, next),
      ...ASKED.map((check) => unknown(check, 'only a controller that answers could tell', 'Come back when it does.')),
    ];
  }
}
