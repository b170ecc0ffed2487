/** To whom a process belongs, and so what can make it run new files. */
export type ProcessOwner =
  | { readonly kind: 'manager' }
  | { readonly kind: 'unit'; readonly unit: string }
  /** A person's login, with everything that it started. */
  | { readonly kind: 'session' }
  /** It belongs to no service: nobody could start it again. */
  | { readonly kind: 'stray' };

/** From the text of /proc/PID/cgroup. On a host with both versions of control groups systemd's own place is in one of two lines. */
export function ownerOf(pid: number, cgroup: string): ProcessOwner {
  if (pid === 1) return { kind: 'manager' };
  const places = cgroup.split('\n').flatMap((line) => /^(?:0:|\d+:name=systemd):(.+)$/.exec(line)?.[1] ?? []);
  const owners = places.map(ownerByPlace);
  return owners.find(({ kind }) => kind !== 'stray') ?? { kind: 'stray' };
}

function ownerByPlace(place: string): ProcessOwner {
  const parts = place.split('/');
  if (parts.includes('user.slice')) return { kind: 'session' };
  // The outermost one: a service may divide its group as it likes.
  const unit = parts.find((part) => part.endsWith('.service'));
  return unit === undefined ? { kind: 'stray' } : { kind: 'unit', unit };
}
