import type { SimulatedHost } from '../../simulation/simulated-host.ts';
import { type WorldLine, worldLine } from '../world-line.ts';
import { hostsOf } from './hosts-of.ts';

/** What hosts say of their packages and of where they stand; their agents tell it with their next beat. */
export const packageLines = [
  toEach('PACKAGE is on hold on HOSTS', 1, (host, [name]) => host.onHold.add(name)),
  toEach('PACKAGE is on hold no more on HOSTS', 1, (host, [name]) => host.onHold.delete(name)),
  toEach('PACKAGE is VERSION already on HOSTS', 2, (host, [name, version]) => {
    host.versions[name] = version;
  }),
  toEach('the sources of HOSTS have no PACKAGE VERSION', 0, (host, [name, version]) => {
    const offered = host.offers?.[name] ?? [];
    host.offers = { ...host.offers, [name]: offered.filter((each) => each !== version) };
  }),
  toEach('PACKAGE VERSION closes CVE on HOSTS', 3, (host, [name, version, cve]) => {
    const key = `${name} ${version}`;
    host.closes = { ...host.closes, [key]: [...(host.closes?.[key] ?? []), cve] };
  }),
  toEach('the sources of HOSTS have no changelogs', 0, (host) => {
    host.closes = null;
  }),
  toEach('HOSTS says of itself that LABEL=VALUE', 0, (host, [label, value]) => {
    host.labels = { ...host.labels, [label]: value };
  }),
];

/** `at`: which of the parts names the hosts; the others are handed on in their order. */
function toEach(
  form: string,
  at: number,
  change: (host: SimulatedHost, parts: [string, string, string]) => void,
): WorldLine {
  return worldLine(form, async (story, parts) => {
    const [one = '', other = '', third = ''] = parts.toSpliced(at, 1);
    for (const host of hostsOf(await story.fleet(), parts[at] ?? '')) change(host, [one, other, third]);
    return '';
  });
}
