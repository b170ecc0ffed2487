import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'mocha';
import { withoutContents, withoutKeys, withoutSecrets } from '../../../../controller/cli/bundle/without-secrets.ts';

describe('a text without secrets', () => {
  it('has no private key, of whatever format, and none that is cut', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    const ssh = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA\n-----END OPENSSH PRIVATE KEY-----\n';

    assert.equal(withoutKeys(`a\n${pem}b\n${ssh}c\n`), 'a\n(left out)\nb\n(left out)\nc\n');
    assert.equal(withoutKeys(`a\n${pem.slice(0, 60)}`), 'a\n(left out)');
    assert.equal(withoutKeys(JSON.stringify({ key: pem })), '{"key":"(left out)\\n"}');
  });

  it('has no login in a URL', () => {
    assert.equal(
      withoutKeys('probe: "https://ada:s3cr:et@shop.example/x@y"'),
      'probe: "https://(left out)@shop.example/x@y"',
    );
    assert.equal(withoutKeys('to ops@10.0.0.1, https://shop.example/@x'), 'to ops@10.0.0.1, https://shop.example/@x');
  });

  for (const [given, left] of [
    ['password: hunter2', 'password: (left out)'],
    ['  dbPassword: "hunter 2 \\" x"  # why', '  dbPassword: "(left out)"  # why'],
    [`api_key: 'hunter2'`, 'api_key: "(left out)"'],
    ['{"apiToken":"hunter2","zone":"a"}', '{"apiToken":"(left out)","zone":"a"}'],
    ['http://shop/?token=hunter2&zone=a', 'http://shop/?token=(left out)&zone=a'],
    ['Authorization: Bearer hunter2.hunter2', 'Authorization: (left out) (left out)'],
  ] as const) {
    it(`has the name but not the value: ${given}`, () => {
      const text = withoutSecrets(given);

      assert.ok(!text.includes('hunter'), text);
      if (!given.startsWith('Auth')) assert.equal(text, left);
    });
  }

  it('has all the rest', () => {
    const fleet = 'fleet: shop\nservices:\n  web: {hosts: {role: web}, size: 6, keepUp: 4, oneAtATime: zone}\n';

    assert.equal(withoutSecrets(fleet), fleet);
  });

  it('has the paths of files that a change brings, and not what is in them', () => {
    const change = { files: [{ path: '/etc/shop.conf', content: 'dsn: postgres://shop:hunter2@db/' }] };

    assert.equal(
      JSON.stringify(change, withoutContents),
      '{"files":[{"path":"/etc/shop.conf","content":"(left out)"}]}',
    );
  });
});
