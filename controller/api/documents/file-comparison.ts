import type { FileComparisonDocument } from '../../../proto/zdms/v1/plan-document.ts';
import type { FileComparison } from '../../ports/operations.ts';

/** Templates make a difference of its own for each host; nobody reads more, and an answer has to end somewhere. */
const DIFFERENCES_MAX = 300;

/** What a plan would change in files, as `zdms diff PLAN` prints it: hosts that differ alike are together. */
export function fileComparisonDocument({ plan, hosts, notAsked }: FileComparison): FileComparisonDocument {
  const answers = hosts.flatMap((each) => ('files' in each ? [each] : []));
  const lines = answers.flatMap(({ host, files }) =>
    files.filter(({ kind }) => kind !== 'same').map((file) => ({ host, file })),
  );
  const groups = [...Map.groupBy(lines, ({ file }) => JSON.stringify(file)).values()];
  const differences = groups.slice(0, DIFFERENCES_MAX).flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ ...first.file, hosts: group.map(({ host }) => host) }];
  });
  return {
    plan,
    differences: differences.toSorted((a, b) => a.path.localeCompare(b.path, 'en')),
    moreDifferences: Math.max(0, groups.length - DIFFERENCES_MAX),
    same: answers.filter(({ files }) => files.every(({ kind }) => kind === 'same')).map(({ host }) => host),
    silent: hosts.flatMap((each) => ('silent' in each ? [{ host: each.host, because: each.silent }] : [])),
    notAsked,
  };
}
