import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { openStepContext } from '../../../agent/executor/step-log.ts';
import { createApt, defaultAptPaths } from '../../../agent/platform/packages/apt/apt.ts';
import { createDnf } from '../../../agent/platform/packages/dnf/dnf.ts';
import type { Packages } from '../../../agent/platform/packages/packages.ts';
import { defaultRpmPaths } from '../../../agent/platform/packages/rpm/rpm-packages.ts';
import { createZypper } from '../../../agent/platform/packages/zypper/zypper.ts';
import { systemCommands } from '../../../agent/platform/run-command.ts';
import { StepFailure } from '../../../agent/platform/step-failure.ts';
import type { ExactPackage } from '../../../proto/zdms/v1/executor.ts';

// Usage: node subject.ts apt|dnf|zypper ARCHIVES
// The adapter under test, inside a scratch host. One line of JSON per call, one per answer; ends with its input.

const [manager = '', archives = ''] = process.argv.slice(2);
const limits = { freeMarginBytes: 0, lockWaitMs: 200, keepDownloadsMs: 3_600_000 };
const LOG = '/run/step.log';

function createSubject(): Packages {
  if (manager === 'apt') return createApt(systemCommands, { ...defaultAptPaths, archives }, limits);
  if (manager === 'dnf') return createDnf(systemCommands, { ...defaultRpmPaths, archives }, limits);
  return createZypper(systemCommands, { ...defaultRpmPaths, archives }, limits);
}

type Call = { readonly method: string; readonly names?: string[]; readonly targets?: ExactPackage[] } & {
  readonly wayBack?: ExactPackage[];
  readonly refresh?: boolean;
  readonly argv?: string[];
  readonly path?: string;
};

const subject = createSubject();

/** Holds a lock until this process ends, as another package manager would. */
function hold(path: string): Promise<void> {
  const child = spawn('flock', [path, 'sh', '-c', 'echo held; exec sleep 600'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return new Promise((resolve) => child.stdout.once('data', () => resolve()));
}

async function answer(call: Call): Promise<unknown> {
  const context = openStepContext(LOG);
  const { targets = [], wayBack = [], names = [], argv = [] } = call;
  switch (call.method) {
    case 'installed':
      return subject.installed(names);
    case 'audit':
      return subject.audit();
    case 'survey':
      return subject.survey(call.refresh === true);
    case 'proveInstalled':
      return subject.proveInstalled(targets);
    case 'preflight':
      await subject.preflight(targets, context);
      return context.remarks;
    case 'fetch':
      return subject.fetch(targets, wayBack, context);
    case 'install':
      await subject.install(targets, context);
      return context.remarks;
    case 'run':
      return systemCommands.run(argv, { timeoutMs: 120_000 });
    case 'hold':
      return hold(call.path ?? '');
    default:
      throw new Error(`no method ${call.method}`);
  }
}

for await (const line of createInterface(process.stdin)) {
  const reply = await answer(JSON.parse(line) as Call).then(
    (value) => ({ value: value ?? null }),
    (error: unknown) => ({
      code: error instanceof StepFailure ? error.code : null,
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }),
  );
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
process.exit(0);
