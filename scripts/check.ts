/**
 * `npm run check`: runs every `check:*` script of package.json at the same time, prints one line for each, and the full output
 * only of those that fail. Exit code 1 if any fails.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

interface PartResult {
  readonly name: string;
  readonly passed: boolean;
  readonly seconds: number;
  readonly output: string;
}

/** A part that takes longer than this is stuck: the whole check is meant to end in under a minute. */
const PART_DEADLINE_MS = 300_000;

const root = new URL('..', import.meta.url).pathname;

function partNames(): string[] {
  const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { scripts: Record<string, string> };
  return Object.keys(scripts).filter((name) => name.startsWith('check:'));
}

function runPart(name: string): Promise<PartResult> {
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--run', name], { cwd: root, timeout: PART_DEADLINE_MS });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      const result = { name, passed: code === 0, seconds: (performance.now() - startedMs) / 1000, output };
      printLine(result);
      resolve(result);
    });
  });
}

function printLine({ name, passed, seconds }: PartResult): void {
  console.log(`${passed ? 'ok    ' : 'FAILED'}  ${name.padEnd(16)} ${seconds.toFixed(1).padStart(5)} s`);
}

function printFailure({ name, output }: PartResult): void {
  console.log(`\n--- ${name} ---\n${output.trimEnd()}\n(alone: npm run ${name})`);
}

async function main(): Promise<void> {
  const results = await Promise.all(partNames().map(runPart));
  const failed = results.filter((result) => !result.passed);
  failed.forEach(printFailure);
  process.exitCode = failed.length > 0 ? 1 : 0;
}

await main();
