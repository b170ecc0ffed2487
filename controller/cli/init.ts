import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { ZdmsError } from '../../lib/zdms-error.ts';
import { defaultSocket } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { controllerFileText, fleetFileText, limitsFileText } from './texts/init-files.ts';

/** Where the package's unit is, and the file that it starts by. */
const PACKAGED_UNIT = '/usr/lib/systemd/system/zdms-controller.service';
const PACKAGED_FILE = '/etc/zdms/controller.yaml';

interface InitOptions {
  readonly fleetName: string;
  readonly config: string;
  readonly state: string;
  readonly dir?: string;
  readonly listen: string;
  readonly advertise?: string;
}

/** `zdms init` */
export function addInit(parent: Command, context: CliContext): void {
  parent
    .command('init')
    .description('make a new controller: its configuration, a fleet file to begin with, its keys')
    .requiredOption('--fleet-name <name>', 'name of the fleet, for example shop-eu')
    .option('--config <directory>', 'where controller.yaml, fleet.yaml and limits.yaml go', '/etc/zdms')
    .option('--state <directory>', 'where journal and keys go', '/var/lib/zdms/controller')
    .option('--dir <directory>', 'everything, the socket too, below this directory (to try it out)')
    .option('--listen <address:port>', 'where agents are served', '127.0.0.1:7443')
    .option('--advertise <host:port>', 'what agents are told (default: the same)')
    .addHelpText(
      'after',
      '\nExamples:\n  $ zdms init --fleet-name shop-eu --listen 10.0.0.5:7443\n  $ zdms init --fleet-name try --dir ./try\n',
    )
    .action(async (options: InitOptions) => {
      context.terminal.write(await init(options, context.now()));
    });
}

async function init(options: InitOptions, now: number): Promise<string> {
  const { fleetName, listen, advertise = listen } = options;
  const paths = pathsOf(options);
  for (const file of [paths.controller, paths.fleet, paths.limits]) if (existsSync(file)) throw alreadyThere(file);
  // Loaded here alone: its libraries would double the start of every other verb.
  const { initIdentity } = await import('../identity/identity.ts');
  await initIdentity(paths.state, fleetName, now);
  await mkdir(paths.config, { recursive: true, mode: 0o755 });
  const controllerText = controllerFileText({ listen, advertise, ...paths });
  await writeFile(paths.controller, controllerText, { flag: 'wx', mode: 0o644 });
  await writeFile(paths.fleet, fleetFileText(fleetName), { flag: 'wx', mode: 0o644 });
  await writeFile(paths.limits, limitsFileText, { flag: 'wx', mode: 0o644 });
  return nextText(paths, advertise);
}

interface InitPaths {
  readonly config: string;
  readonly state: string;
  readonly socket: string;
  readonly controller: string;
  readonly fleet: string;
  readonly limits: string;
}

function pathsOf({ dir, config, state }: InitOptions): InitPaths {
  const configDirectory = resolve(dir ?? config);
  return {
    config: configDirectory,
    state: dir === undefined ? resolve(state) : join(configDirectory, 'state'),
    socket: dir === undefined ? defaultSocket : join(configDirectory, 'operator.sock'),
    controller: join(configDirectory, 'controller.yaml'),
    fleet: join(configDirectory, 'fleet.yaml'),
    limits: join(configDirectory, 'limits.yaml'),
  };
}

function alreadyThere(file: string): ZdmsError {
  return new ZdmsError(
    'ZDMS_INIT_EXISTS',
    `${file} is there already, and init overwrites nothing`,
    'Edit it as it is, or choose other directories with --config and --state.',
  );
}

function nextText({ controller, fleet, limits, state, socket }: InitPaths, advertise: string): string {
  const loopback = /^(127\.|localhost|\[::1\])/.test(advertise)
    ? `Agents are told ${advertise}, which only this machine reaches: for other hosts, set agents.listen and agents.advertise in ${controller}.\n`
    : '';
  const socketOption = socket === defaultSocket ? '' : ` --socket ${socket}`;
  return `made ${controller}
made ${fleet}
made ${limits}
made the controller's keys in ${join(state, 'identity')} (keep a copy: without them every host has to be installed again)
${loopback}
Next:
  ${startCommand(controller)}
  zdms${socketOption} host install USER@ADDRESS --id web-1 --label role=web
  describe your services in ${fleet}, then: zdms check ${fleet}
`;
}

/** By its unit where the controller came as a package, so that keys and journal are its user's and no one else's. */
function startCommand(controllerFile: string): string {
  const byUnit = controllerFile === PACKAGED_FILE && existsSync(PACKAGED_UNIT);
  return byUnit ? 'systemctl start zdms-controller' : `zdms-controller --config ${controllerFile}`;
}
