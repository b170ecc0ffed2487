import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parseEnrolmentDocument } from '../../../agent/enrol/enrolment-document.ts';
import { ZdmsError } from '../../../lib/zdms-error.ts';

const good = {
  hostId: 'web-1',
  controller: 'controller.example:7443',
  caPem: '-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n',
  token: 'a-secret-token-of-some-length',
  labels: { role: 'web' },
  orderPublicKeyPem: '-----BEGIN PUBLIC KEY-----\nabc\n-----END PUBLIC KEY-----\n',
  sshPublicKey: 'ssh-ed25519 AAAAC3Nza controller\n',
};

describe('the enrolment document', () => {
  it('is taken when it is whole, and its SSH key without the comment', () => {
    assert.equal(parseEnrolmentDocument(JSON.stringify(good)).sshPublicKey, 'ssh-ed25519 AAAAC3Nza');
  });

  it('may name the controller by an IPv6 address', () => {
    const text = JSON.stringify({ ...good, controller: '[fd00::1]:7443' });
    assert.equal(parseEnrolmentDocument(text).controller, '[fd00::1]:7443');
  });

  const bad: readonly (readonly [string, string, unknown])[] = [
    ['a host id that could become a path', 'hostId', '../etc'],
    ['a controller without a port', 'controller', 'controller.example'],
    ['SSH key options, which could undo `restrict`', 'sshPublicKey', 'command="sh" ssh-ed25519 AAAA'],
    ['a second SSH key', 'sshPublicKey', 'ssh-ed25519 AAAA\nssh-ed25519 BBBB'],
    ['an authority that is none', 'caPem', 'abc'],
    ['a label that is no text', 'labels.role', undefined],
  ];
  for (const [what, field, value] of bad) {
    it(`is refused with ${what}, naming the field and not the token`, () => {
      const document = field === 'labels.role' ? { ...good, labels: { role: 1 } } : { ...good, [field]: value };
      assert.throws(
        () => parseEnrolmentDocument(JSON.stringify(document)),
        (error) =>
          error instanceof ZdmsError && error.message.endsWith(`: ${field}`) && !error.message.includes(good.token),
      );
    });
  }

  it('is refused when it is no JSON', () => assert.throws(() => parseEnrolmentDocument('{'), /all of it/));
});
