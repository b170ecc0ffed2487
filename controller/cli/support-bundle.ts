import type { Command } from 'commander';
import { socketOf } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { countText } from './terminal/cut.ts';
import { tableText } from './terminal/table.ts';

const HELP = `
Versions, configuration, what doctor finds, hosts, the journals and reports of the last five rollouts, and the log of the controller.
Keys are not in it, nor passwords and tokens in the files; names of hosts, services and packages are. Look into it before you send it.

Examples:
  $ zdms support-bundle
  $ zdms support-bundle --output incident-7.tar.gz
  $ tar tzf incident-7.tar.gz
`;

interface BundleOptions {
  readonly output?: string;
  readonly config: string;
  readonly log?: string;
}

/** `zdms support-bundle` */
export function addSupportBundle(parent: Command, context: CliContext): void {
  const command = parent
    .command('support-bundle')
    .description('write what helps others to understand this controller into one file, without secrets')
    .option('--output <file>', 'the .tar.gz to write (default: zdms-support-TIME.tar.gz)')
    .option('--config <file>', 'configuration of the controller', '/etc/zdms/controller.yaml')
    .option('--log <file>', 'log of a controller that is no unit of systemd')
    .addHelpText('after', HELP);
  command.action(async ({ output, config, log }: BundleOptions) => {
    const [{ collectBundle }, { writeBundle }] = await Promise.all([
      import('./bundle/collect.ts'),
      import('./bundle/write-bundle.ts'),
    ]);
    const connect = (socket: string | null) => context.connect(socketOf(command, context, socket));
    const now = context.now();
    const folder = `zdms-support-${new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')}`;
    const path = output ?? `${folder}.tar.gz`;
    const files = await collectBundle({ config, log: log ?? null, connect }, context);
    await writeBundle(path, folder, files, now);
    const rows = files.map(({ name, text }) => [name, countText(Buffer.byteLength(text))]);
    context.terminal.write(`${tableText(['file', 'bytes'], rows, ['bytes'])}\nwrote ${path}\n`);
  });
}
