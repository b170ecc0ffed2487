import { appendFile, readFile } from 'node:fs/promises';

async function readBoots(path: string): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

/** Adds a boot to the log unless it is there; the survey does this at each boot, the executor before a reboot. */
export async function recordBoot(path: string, bootId: string): Promise<void> {
  if ((await readBoots(path)).includes(bootId)) return;
  await appendFile(path, `${bootId}\n`);
}

/** The boots since `bootIdBefore`, this one included: those that the log has after it, and the current one. */
export async function bootsSince(path: string, bootIdBefore: string, current: string): Promise<readonly string[]> {
  const boots = await readBoots(path);
  const index = boots.lastIndexOf(bootIdBefore);
  const later = index === -1 ? [] : boots.slice(index + 1);
  return [...new Set([...later, current])].filter((boot) => boot !== bootIdBefore);
}
