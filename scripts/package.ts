/** `./scripts/package`: the agent as a .deb, built only when something that goes into it has changed. */
import { parseArgs } from 'node:util';
import { buildAgentPackage } from './build-agent-package.ts';

const USAGE = `usage: ./scripts/package [--force] [--json]

Builds dist/zdms-agent_VERSION_ARCHITECTURE.deb: the agent as one bundle, with a Node runtime of its own. Prints the file's path.
Built anew only when its sources, the lock file or the Node here have changed.

  --force   build in any case
  --json    print {"file", "version", "bytes", "built", "seconds"}

Exit code 0 when the file is there, 1 when it could not be built, 2 on bad usage.
`;

function readOptions(): { readonly force: boolean; readonly json: boolean; readonly help: boolean } | null {
  try {
    const options = {
      force: { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    } as const;
    const { force = false, json = false, help = false } = parseArgs({ options }).values;
    return { force, json, help };
  } catch {
    return null;
  }
}

const options = readOptions();
if (options === null || options.help) {
  process.stdout.write(USAGE);
  process.exit(options === null ? 2 : 0);
}

try {
  const startedMs = performance.now();
  const built = await buildAgentPackage(options.force);
  const seconds = Math.round((performance.now() - startedMs) / 10) / 100;
  process.stdout.write(options.json ? `${JSON.stringify({ ...built, seconds })}\n` : `${built.file}\n`);
} catch (error) {
  process.stderr.write(
    `ZDMS_PACKAGE_FAILED: the agent's package could not be built: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exit(1);
}
