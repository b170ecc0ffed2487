import { after } from 'mocha';
import { labDown, labUp } from '../../vagrant/nspawn/lab.ts';

let up: Promise<unknown> | null = null;

/** The lab with a host for the controller, which these suites share; the first to ask builds it. */
export async function packagedLab(): Promise<void> {
  up ??= labUp({ topology: 'packaged', progress: (line) => console.log(`      ${line}`) });
  await up;
}

/** The same, as nobody has used it yet. What it was used for is gone. */
export async function freshPackagedLab(): Promise<void> {
  await endPackagedLab();
  await packagedLab();
}

/** Takes it down; the next to ask builds another. */
export async function endPackagedLab(): Promise<void> {
  if (up !== null && (await up.catch(() => null)) !== null) await labDown();
  up = null;
}

// Imported by each of the suites but loaded once, so this is one hook for all of them.
after('take the lab down', endPackagedLab);
