/** `./scripts/package`: agent and controller as .deb and .rpm, built only when something that goes into them has changed. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  buildPackages,
  PACKAGE_DIRECTORY,
  packageFormats,
  packageNames,
  type BuildOptions,
} from './packaging/build-packages.ts';

const USAGE = `usage: ./scripts/package [--only agent|controller] [--format deb|rpm] [--version VERSION] [--into DIRECTORY] [--force] [--json]

Builds zdms-agent and zdms-controller as .deb and .rpm into dist/, and prints where each of them is. They need no network to install, have
a Node runtime of their own, and list what is in them in sbom.cdx.json (CycloneDX) beside it. The package of the controller has that of
the agent in it, for \`zdms host install\`. The same commit gives the same bytes. What is there from the same inputs is not built again.

  --only NAME        agent or controller
  --format FORMAT    deb or rpm
  --version VERSION  another version than that of package.json, to try an upgrade
  --into DIRECTORY   where the packages go
  --force            build in any case
  --json             print {"packages": [{"file", "format", "version", "bytes", "sha256", "built"}], "seconds"}

Examples:
  $ ./scripts/package                                    # all four, ready for \`apt install ./dist/zdms-controller_*.deb\`
  $ ./scripts/package --only agent --format deb          # about two seconds
  $ ./scripts/package --version 0.1.1~try --into /tmp/next

Exit code 0 when they are there, 1 when one could not be built, 2 on bad usage.
`;

/** What dpkg and rpm both take, and order alike. */
const VERSION = /^[0-9][0-9A-Za-z.+~]*$/;

interface Options extends BuildOptions {
  readonly json: boolean;
  readonly help: boolean;
}

function readOptions(): Options | null {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string' },
        format: { type: 'string' },
        version: { type: 'string' },
        into: { type: 'string', default: PACKAGE_DIRECTORY },
        force: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const names = packageNames.filter((name) => values.only === undefined || values.only === name);
    const formats = packageFormats.filter((format) => values.format === undefined || values.format === format);
    const { version = null, into, force, json, help } = values;
    if (names.length === 0 || formats.length === 0 || (version !== null && !VERSION.test(version))) return null;
    return { names, formats, version, directory: resolve(into), force, json, help };
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
  const packages = await buildPackages(options);
  const seconds = Math.round((performance.now() - startedMs) / 10) / 100;
  const files = packages.map(({ file }) => `${file}\n`).join('');
  process.stdout.write(options.json ? `${JSON.stringify({ packages, seconds })}\n` : files);
} catch (error) {
  process.stderr.write(
    `ZDMS_PACKAGE_FAILED: a package could not be built: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exit(1);
}
