/**
 * Imported first by every launcher here, and written so that old versions of Node can still read it: it ends the process in plain
 * words before anything is imported that an old Node cannot parse (.ts files) or would crash on (better-sqlite3).
 */
import { readFileSync } from 'node:fs';

const needed = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).engines.node.replace(
  /\D/g,
  '',
);

if (Number(process.versions.node.split('.')[0]) < Number(needed)) {
  process.stderr.write(
    `ZDMS_NODE_TOO_OLD: zdms needs Node ${needed} or newer, this is ${process.version}.\n` +
      `Next: put Node ${needed} on your PATH, or run ./scripts/demo or ./scripts/test, which bring it by themselves.\n`,
  );
  process.exit(2);
}
