import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import { shellScripts } from '../../../controller/cli/complete/shell-scripts.ts';
import { needsProgram } from '../../support/needs-program.ts';
import { serveOperations } from '../../support/served-operations.ts';
import type { ServedOperations } from '../../support/served-operations.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../support/temporary-directory.ts';
import { typeInto } from '../../support/typing.ts';
import { hostOf, planOf } from '../../support/world-of.ts';

const launcher = new URL('../../../bin/zdms.js', import.meta.url).pathname;
const run = promisify(execFile);

/** Each of the three needs `zdms` in PATH, and its script. */
const setUp = {
  bash: {
    command: 'bash --noprofile --rcfile SCRIPT -i',
    ready: "PS1='ready> '\n",
    after: "bind 'set show-all-if-ambiguous on'\n",
  },
  zsh: {
    command: 'zsh -i',
    ready: "PS1='ready> '\nautoload -U compinit\ncompinit -D -u\nunsetopt LIST_AMBIGUOUS\n",
    after: '',
  },
} as const;

describe('zdms completion', function () {
  this.timeout(120_000);
  let served: ServedOperations;
  let directory: string;
  let environment: { readonly PATH: string; readonly ZDMS_SOCKET: string; readonly HOME: string };

  beforeEach(async () => {
    served = await serveOperations();
    served.operations.hostViews = ['web-1', 'web-2', 'db-7'].map((id) => ({
      ...{ host: hostOf(id, {}), report: null, connected: true, lastBeatAt: null, services: [], reason: null },
    }));
    served.operations.storedPlan = planOf();
    served.operations.begin();
    directory = temporaryDirectory();
    const zdms = join(directory, 'zdms');
    writeFileSync(zdms, `#!/bin/sh\nexec ${process.execPath} ${launcher} "$@"\n`);
    chmodSync(zdms, 0o755);
    writeFileSync(join(directory, 'change.yaml'), 'where: all\n');
    environment = {
      ...{ PATH: `${directory}:${process.env['PATH'] ?? ''}`, ZDMS_SOCKET: served.socketPath, HOME: directory },
    };
  });
  afterEach(async () => {
    await served.stop();
    removeTemporaryDirectories();
  });

  /** What a shell's script is told. */
  async function complete(...words: readonly string[]): Promise<string> {
    assert.equal(await served.zdms('complete', '--', ...words), 0);
    const { written } = served.terminal;
    served.terminal.written = '';
    return written;
  }

  it('prints a script for each shell', async () => {
    for (const [shell, script] of Object.entries(shellScripts)) {
      served.terminal.written = '';
      assert.equal(await served.zdms('completion', shell), 0);
      assert.equal(served.terminal.written, script);
    }
    assert.equal(await served.zdms('completion', 'csh'), 2);
  });

  it('knows hosts, rollouts and plans from the controller', async () => {
    assert.equal(await complete('why', 'w'), 'web-1\nweb-2\n');
    assert.equal(await complete('why', 'x'), '');
    assert.equal(await complete('report', ''), 'r1\n');
    assert.equal(await complete('retry', '--rollout=r'), '--rollout=r1\n');
    assert.equal(await complete('apply', ''), 'pfffffff\n');
    assert.equal(await complete('apply', 'ch'), ':files\n');
    assert.equal(await complete('plan', ''), ':files\n');
  });

  it('says nothing of it where there is no controller, nor where it fails', async () => {
    served.operations.failure = new Error('out of order');
    assert.equal(await complete('why', ''), '');
    assert.equal(await complete('--socket', join(directory, 'none'), 'why', ''), '');
    assert.equal(await complete('--socket=/none', 'why', ''), '');
    assert.equal(served.terminal.errors, '');
  });

  for (const shell of ['bash', 'zsh'] as const) {
    describe(`in ${shell}`, () => {
      before(function () {
        needsProgram(this, shell);
      });

      it('completes verbs, options, the names of the controller and files at its prompt', async () => {
        const { command, ready, after } = setUp[shell];
        // zsh looks for it in $ZDOTDIR.
        const file = join(directory, '.zshrc');
        writeFileSync(file, ready + shellScripts[shell] + after);
        const typing = typeInto(command.replace('SCRIPT', file), { ...environment, ZDOTDIR: directory });
        try {
          await typing.type('', 'ready> ');
          await typing.type(`cd ${directory}\n`, 'ready> ');
          await typing.type('zdms what\t', 'zdms what-if');
          await typing.type(' --lo\t', '--lose');
          await typing.type(' d\t', 'db-7');
          await typing.type('\x15zdms why w\t', 'web-1', 'web-2');
          await typing.type('\x15zdms retry db-7 --rollout=\t', 'r1');
          await typing.type('\x15zdms apply \t', 'pfffffff');
          await typing.type('\x15zdms plan cha\t', 'change.yaml');
        } finally {
          await typing.end();
        }
      });
    });
  }

  describe('in fish', () => {
    before(function () {
      needsProgram(this, 'fish');
    });

    /** As fish would offer it, with what it says of each. */
    async function offered(line: string): Promise<readonly string[]> {
      const script = join(directory, 'zdms.fish');
      writeFileSync(script, shellScripts.fish);
      const argv = ['--no-config', '--init-command', `source ${script}`, '--command', 'complete -C "$argv"', line];
      const { stdout } = await run('fish', argv, { env: environment, cwd: directory });
      return stdout.trimEnd().split('\n');
    }

    it('completes verbs, options, the names of the controller and files', async () => {
      assert.deepEqual(await offered('zdms what'), [
        'what-if\tsay what would be if hosts, a rack or a zone were lost now',
      ]);
      assert.match((await offered('zdms what-if --lo')).join(), /^--lose\ta host, or labels/);
      assert.deepEqual(await offered('zdms why '), ['db-7', 'web-1', 'web-2']);
      assert.deepEqual(await offered('zdms why w'), ['web-1', 'web-2']);
      assert.deepEqual(await offered('zdms retry db-7 --rollout='), ['--rollout=r1']);
      assert.deepEqual(await offered('zdms apply '), ['pfffffff']);
      assert.deepEqual(await offered('zdms plan cha'), ['change.yaml']);
    });
  });
});
