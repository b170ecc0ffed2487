import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { stepsDirectory } from '../../../agent/executor/executor-paths.ts';
import type { EndlessJobArguments } from './endless-job.ts';
import { ExecutorRig } from './executor-rig.ts';

const TOKEN = 'r1.web-1.step.1';

describe('a job that is killed', () => {
  let rig: ExecutorRig;
  beforeEach(() => (rig = new ExecutorRig()));
  afterEach(() => rig.remove());

  function workerPid(): number | undefined {
    const text = readFileSync(join(stepsDirectory(rig.paths), `${TOKEN}.json`), 'utf8');
    return (JSON.parse(text) as { worker: { pid: number } | null }).worker?.pid;
  }

  it('is running while it lives, and interrupted as soon as a waiting status can see that it does not', async () => {
    await rig.send({ verb: 'apply' });
    const script = fileURLToPath(new URL('./endless-job.ts', import.meta.url));
    const jobArguments: EndlessJobArguments = [TOKEN, JSON.stringify(rig.paths)];
    const job = spawn(process.execPath, [script, ...jobArguments], { stdio: 'ignore' });
    const ended = once(job, 'exit');
    while (workerPid() !== job.pid) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal((await rig.status()).kind, 'running');
    const waiting = rig.status(TOKEN, 9_000);
    job.kill('SIGKILL');
    await ended;
    const reply = await waiting;
    assert.deepEqual(reply.kind === 'interrupted' && reply.versions, { zdemo: '1.0.0' });
    assert.equal((await rig.send({ verb: 'apply' })).kind, 'interrupted');
  });
});
