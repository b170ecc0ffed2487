import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { runTool } from './run-tool.ts';

const MANUAL = 'usr/share/man/man1';
/** Where the shells of both families look for what packages bring. Fedora's zsh and Debian's look in different places. */
const COMPLETIONS = {
  bash: ['usr/share/bash-completion/completions/zdms'],
  zsh: ['usr/share/zsh/vendor-completions/_zdms', 'usr/share/zsh/site-functions/_zdms'],
  fish: ['usr/share/fish/vendor_completions.d/zdms.fish'],
} as const;

/** Man pages and completions, as the command line that is being packed prints them. `zdms`: argv that runs it. */
export async function stageManual(root: string, zdms: readonly string[], epochSeconds: number): Promise<void> {
  const [program = '', ...argv] = zdms;
  const pages = await mkdtemp(join(tmpdir(), 'zdms-manual-'));
  try {
    await runTool(program, [...argv, 'man-pages', pages], { SOURCE_DATE_EPOCH: String(epochSeconds) });
    for (const page of await readdir(pages))
      await put(join(root, MANUAL, `${page}.gz`), gzipSync(await readFile(join(pages, page)), { level: 9 }));
  } finally {
    await rm(pages, { recursive: true, force: true });
  }
  for (const [shell, files] of Object.entries(COMPLETIONS)) {
    const script = await runTool(program, [...argv, 'completion', shell]);
    for (const file of files) await put(join(root, file), script);
  }
}

async function put(file: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}
