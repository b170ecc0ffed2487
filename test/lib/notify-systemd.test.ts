import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, beforeEach, describe, it } from 'mocha';
import { feedWatchdog, tellSystemd } from '../../lib/notify-systemd.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../support/temporary-directory.ts';

describe('systemd', () => {
  let heard: string;
  let environment: NodeJS.ProcessEnv;

  // systemd itself hears the real program in test/installed; this one writes down what it is given.
  beforeEach(() => {
    const directory = temporaryDirectory();
    heard = join(directory, 'heard');
    const program = join(directory, 'systemd-notify');
    writeFileSync(program, `#!/bin/sh\necho "$@" >>'${heard}'\n`);
    chmodSync(program, 0o755);
    environment = { PATH: `${directory}:${process.env['PATH'] ?? ''}`, NOTIFY_SOCKET: join(directory, 'socket') };
  });
  after(removeTemporaryDirectories);

  function words(): readonly string[] {
    return existsSync(heard) ? readFileSync(heard, 'utf8').trim().split('\n') : [];
  }

  /** Runs the watchdog until progress was asked for so often. */
  async function feed(times: number, progressAt: (ask: number) => number, more: NodeJS.ProcessEnv): Promise<void> {
    const stop = new AbortController();
    let asks = 0;
    await feedWatchdog({
      progress: () => {
        asks += 1;
        if (asks === times) stop.abort();
        return progressAt(asks);
      },
      onError: (error) => assert.fail(String(error)),
      signal: stop.signal,
      environment: { ...environment, ...more },
    });
  }

  it('is told that the service is ready', async () => {
    await tellSystemd('READY=1', environment);
    assert.deepEqual(words(), ['READY=1']);
  });

  it('is told nothing where it did not ask', async () => {
    await tellSystemd('READY=1', { PATH: environment['PATH'] });
    assert.deepEqual(words(), []);
  });

  it('has its watchdog fed while there is progress, and not when it stands still', async () => {
    await feed(5, (ask) => Math.min(ask, 3), { WATCHDOG_USEC: '3000' });
    assert.deepEqual(words(), ['WATCHDOG=1', 'WATCHDOG=1', 'WATCHDOG=1']);
  });

  it('has no watchdog to feed where the unit has none', async () => {
    await feed(1, () => assert.fail('asked'), {});
    assert.deepEqual(words(), []);
  });
});
