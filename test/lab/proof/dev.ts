/** `npm run dev [-- TOPOLOGY]`: hosts in this process and a controller, in the foreground until Ctrl-C. */
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { inProcessLabUp } from '../../../vagrant/in-process/in-process-lab.ts';
import { readTopology } from '../../../vagrant/topology.ts';
import { changeText } from './change-text.ts';
import { inProcessBackEnd } from './in-process-back-end.ts';
import { interruptionSignal, reportError } from './interruption.ts';
import { installZdms, type ZdmsLab } from './zdms-lab.ts';

const DIRECTORY = join(import.meta.dirname, '../../../.cache/dev');

function say(line: string): void {
  console.log(line);
}

function commandsText(zdms: ZdmsLab, change: string): string {
  const command = `./scripts/zdms --socket ${relative('', zdms.socket)}`;
  return `
The hosts live in this process: simulated systems, but real SSH, agents and a real controller.
  socket      ${zdms.socket}
  fleet file  ${join(zdms.directory, 'zdms', 'fleet.yaml')}
  change      ${change}
  log         ${join(zdms.directory, 'controller.log')}

Try, in another terminal:
  ${command} host ls
  ${command} plan ${relative('', change)}
  ${command} apply PLAN
  ${command} report --last

Ctrl-C ends it all.
`;
}

async function main(): Promise<number> {
  const signal = interruptionSignal();
  const topology = readTopology(process.argv[2] ?? 'default');
  rmSync(DIRECTORY, { recursive: true, force: true });
  mkdirSync(DIRECTORY, { recursive: true });
  const lab = await inProcessLabUp({ topology, log: say });
  const zdms = await installZdms(inProcessBackEnd(lab), { directory: DIRECTORY, say, signal });
  try {
    const change = zdms.write('change.yaml', changeText('1.1.0', { hosts: zdms.patchedHosts }));
    console.log(commandsText(zdms, change));
    if (!signal.aborted) await once(signal, 'abort');
    return 0;
  } finally {
    await zdms.down();
  }
}

process.exit(await main().catch(reportError));
