import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const TOOL_DEADLINE_MS = 120_000;
/** `npm sbom` prints some hundred kilobytes. */
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

/** Runs a program to its end and returns what it printed. Rejects with its error output when it fails. */
export async function runTool(
  program: string,
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const options = { timeout: TOOL_DEADLINE_MS, maxBuffer: OUTPUT_BYTES_MAX, env: { ...process.env, ...environment } };
  return (await promisify(execFile)(program, argv, options)).stdout;
}
