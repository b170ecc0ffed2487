/** What changes on a host by itself, or by any package that comes and goes. */
const NOT_OURS = [
  ...['/dev', '/proc', '/run', '/sys', '/tmp', '/root'],
  ...[
    '/var/cache',
    '/var/lib/apt',
    '/var/lib/rpm',
    '/var/lib/systemd',
    '/var/log',
    '/var/tmp',
    '/var/lib/dpkg/updates',
  ],
];
/** Copies that passwd and dpkg keep of what was there before. */
const OLD_COPIES = /^\/etc\/(passwd|shadow|group|gshadow|subuid|subgid)-$|^\/var\/lib\/dpkg\/.*-old$/;

/** argv that lists all files of a host but these; `root` is where it lies. */
export function listFiles(root: string): readonly string[] {
  const left = NOT_OURS.flatMap((path) => ['-path', `${root}${path}`, '-prune', '-o']);
  return ['find', root === '' ? '/' : root, '-xdev', ...left, '-printf', '/%P\\n'];
}

/** argv that prints the users and groups of a host. */
export function listAccounts(root: string): readonly string[] {
  return ['cat', `${root}/etc/passwd`, `${root}/etc/group`];
}

/** The lines that came, with a +, and those that went, with a -; copies that the system keeps left out. */
export function difference(before: string, after: string): readonly string[] {
  const lines = (text: string): readonly string[] => text.split('\n').filter((line) => !OLD_COPIES.test(line));
  const [old, current] = [new Set(lines(before)), new Set(lines(after))];
  const came = [...current].filter((line) => !old.has(line)).map((line) => `+ ${line}`);
  const went = [...old].filter((line) => !current.has(line)).map((line) => `- ${line}`);
  return [...came, ...went].toSorted();
}
