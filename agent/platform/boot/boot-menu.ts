/**
 * Reads GRUB's menu (grub.cfg): the id by which each kernel's ordinary entry is named as the next one, `SUBMENU>ENTRY` where it lies in one.
 * Recovery entries are left out; of several for one kernel the last is taken, since the first may be the one that means "the newest".
 */
export function parseBootMenu(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  // Of the blocks that are open; null for one that is no part of the menu.
  const open: (string | null)[] = [];
  for (const line of text.split('\n').map((each) => each.trim())) {
    const release = /^linux(?:16|efi)?\s+\S*\/vmlinu[xz]-(\S+)/.exec(line)?.[1];
    const ids = open.filter((id) => id !== null);
    if (release !== undefined && ids.length > 0 && !ids.some((id) => id.includes('-recovery-')))
      found.set(release, ids.join('>'));
    if (line === '}') open.pop();
    else if (line.endsWith('{')) open.push(menuId(line));
  }
  return found;
}

function menuId(line: string): string | null {
  return /^(?:menuentry|submenu) .*(?:\$menuentry_id_option|--id[= ]?) ?'([^']+)'/.exec(line)?.[1] ?? null;
}
