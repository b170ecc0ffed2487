import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { idsIn } from '../../../../../agent/platform/packages/advisory-ids.ts';
import { closedBetween, parseChangelog, tellsOf } from '../../../../../agent/platform/packages/apt/changelog.ts';

/** Of Debian's openssl, shortened; nothing else was changed. */
const openssl = `openssl (3.0.19-1~deb12u2) bookworm-security; urgency=medium

  * CVE-2026-28387 ("Potential use-after-free in DANE client code")
  * CVE-2026-28389 ("Possible NULL dereference when processing CMS
    KeyAgreeRecipientInfo")

 -- Sebastian Andrzej Siewior <sebastian@breakpoint.cc>  Fri, 03 Apr 2026 14:29:32 +0200

openssl (3.0.19-1~deb12u1) bookworm; urgency=medium

  * Import 3.0.19

 -- Sebastian Andrzej Siewior <sebastian@breakpoint.cc>  Sun, 22 Feb 2026 18:36:50 +0100

openssl (3.0.17-1~deb12u3) bookworm-security; urgency=medium

  * CVE-2025-9230 (Out-of-bounds read & write in RFC 3211 KEK Unwrap)
  * CVE-2025-9232 (Out-of-bounds read in HTTP client no_proxy handling)

 -- Sebastian Andrzej Siewior <sebastian@breakpoint.cc>  Fri, 26 Sep 2025 20:59:22 +0200

openssl (3.0.17-1~deb12u2) bookworm; urgency=medium

  * Revert the following upstream changes to avoid crashes in downstream
    software:
    - 7141330fb98ce ("Drop "by store"'s by_store_subject_ex()")
    Closes: #1110254

 -- Sebastian Andrzej Siewior <sebastian@breakpoint.cc>  Sun, 17 Aug 2025 14:04:00 +0200
`;

describe('a changelog of Debian', () => {
  it('tells what each version closes', () => {
    const { entries, whole } = parseChangelog(openssl);

    assert.equal(whole, true);
    assert.deepEqual(
      entries.map(({ version, cves }) => [version, ...cves]),
      [
        ['3.0.19-1~deb12u2', 'CVE-2026-28387', 'CVE-2026-28389'],
        ['3.0.19-1~deb12u1'],
        ['3.0.17-1~deb12u3', 'CVE-2025-9230', 'CVE-2025-9232'],
        ['3.0.17-1~deb12u2'],
      ],
    );
  });

  it('is cut at what is installed and at what is on offer', () => {
    const changelog = parseChangelog(openssl);
    const closed = (installed: string, version: string): readonly string[] | undefined =>
      closedBetween(changelog, installed, version)?.cves;

    assert.deepEqual(closed('3.0.17-1~deb12u3', '3.0.19-1~deb12u2'), ['CVE-2026-28387', 'CVE-2026-28389']);
    assert.deepEqual(closed('3.0.17-1~deb12u2', '3.0.19-1~deb12u1'), ['CVE-2025-9230', 'CVE-2025-9232']);
    assert.deepEqual(closed('3.0.19-1~deb12u1', '3.0.19-1~deb12u1'), []);
  });

  it('of which the rest was not read says nothing of versions before that', () => {
    const changelog = { ...parseChangelog(openssl), whole: false };

    assert.equal(closedBetween(changelog, '3.0.15-1', '3.0.19-1~deb12u2'), null);
    assert.equal(closedBetween(changelog, '3.0.17-1~deb12u2', '3.0.19-1~deb12u2')?.cves.length, 4);
  });

  it('is read up to a limit, and knows that it was not read to its end', () => {
    const text = Array.from(
      { length: 300 },
      (_, at) => `a1 (${300 - at}) x; urgency=low\n\n  * CVE-2026-${1000 + at}\n`,
    );

    const { entries, whole } = parseChangelog(text.join('\n'));

    assert.deepEqual([entries.length, whole], [200, false]);
  });

  it('that is something else tells nothing', () => {
    for (const text of ['', '<html><title>404 CVE-2026-1234</title></html>', 'openssl (--purge) x; urgency=low\n']) {
      assert.deepEqual(parseChangelog(text).entries, []);
    }
  });

  it('may be any text: it ends, and gives only ids and versions that are ones', () => {
    const pieces = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        'openssl (3.0-1) x; urgency=low\n',
        'CVE-2026-1234',
        'cve-2026-0001',
        'CVE-2026-',
        '\n',
        ' (',
        'DSA 12-1',
      ),
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        for (const { version, cves, advisories } of parseChangelog(parts.join('')).entries) {
          assert.match(version, /^[0-9A-Za-z][0-9A-Za-z.+~:-]{0,127}$/);
          assert.ok(cves.every((id) => /^CVE-\d{4}-\d{4,10}$/.test(id)));
          assert.ok(advisories.every((id) => /^(DSA|DLA|USN)-\d+-\d+$/.test(id)));
          assert.ok(tellsOf({ entries: [{ version, cves, advisories }], whole: true }, version));
        }
      }),
    );
  });

  it('compares with any version that a host may have', () => {
    const version = fc.stringMatching(/^[0-9A-Za-z][0-9A-Za-z.+~:-]{0,127}$/);
    fc.assert(
      fc.property(version, version, version, (one, installed, offered) => {
        const closed = closedBetween(
          parseChangelog(`a1 (${one}) x; urgency=low\n  CVE-2026-1234\n`),
          installed,
          offered,
        );
        assert.ok(closed !== null && closed.cves.length <= 1);
      }),
    );
  });
});

describe('the ids in a text', () => {
  it('are written in one way, sorted, each once', () => {
    assert.deepEqual(idsIn('cve-2026-9999 CVE-2025-12345 CVE-2026-9999, DSA 5678-1 and USN-6663-2, DSA-5678-1'), {
      advisories: ['DSA-5678-1', 'USN-6663-2'],
      cves: ['CVE-2025-12345', 'CVE-2026-9999'],
    });
  });

  it('are no parts of words, and no other numbers', () => {
    assert.deepEqual(idsIn('XCVE-2026-1234 CVE-2026-123 CVE-1234-1234 on DSA 2.0'), { advisories: [], cves: [] });
  });

  it('are bounded in number', () => {
    const many = Array.from({ length: 5000 }, (_, at) => `CVE-2026-${10_000 + at}`).join(' ');

    assert.equal(idsIn(many).cves.length, 2000);
  });
});
