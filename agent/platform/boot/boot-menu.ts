/**
 * Reads GRUB's menu (grub.cfg): the id by which each kernel's ordinary entry is named as the next one, `SUBMENU>ENTRY` where it lies in one.
 * Recovery entries and those of other systems are left out; of several for one kernel the last is taken, since the first may be the one that means "the newest".
 */
export function parseBootMenu(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  // Of the blocks that are open; null for one that is no part of the menu.
  const open: (string | null)[] = [];
  for (const line of text.split('\n').map((each) => each.trim())) {
    const release = /^linux(?:16|efi)?\s+\S*\/vmlinu[xz]-(\S+)/.exec(line)?.[1];
    const ids = open.filter((id) => id !== null);
    if (release !== undefined && ids.length > 0 && !ids.some(isNotOurs)) found.set(release, ids.join('>'));
    if (line === '}') open.pop();
    else if (line.endsWith('{')) open.push(menuId(line));
  }
  return found;
}

function isNotOurs(id: string): boolean {
  return id.includes('-recovery-') || id.startsWith('osprober-');
}

/** What the menu starts where nothing else was noted: `0` for the first entry, `${saved_entry}`, or the one of its owner's choice. */
export function ownersDefaults(text: string): readonly string[] {
  const found = [...text.matchAll(/^\s*set default="([^"]*)"$/gm)].map(([, value = '']) => value);
  return found.filter((value) => value !== '${next_entry}' && value !== '${zdms_keep}');
}

/** Entries of Xen start it first, and the kernel as a module of it. */
export function startsHypervisor(text: string): boolean {
  return /^\s*(multiboot2?|xen_hypervisor)\s/m.test(text);
}

function menuId(line: string): string | null {
  return /^(?:menuentry|submenu) .*(?:\$menuentry_id_option|--id[= ]?) ?'([^']+)'/.exec(line)?.[1] ?? null;
}
