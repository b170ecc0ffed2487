import assert from 'node:assert/strict';
import { X509Certificate, createPublicKey, verify } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, it } from 'mocha';
import ssh2 from 'ssh2';
import { issueHostCertificate, readCertificateRequest } from '../../../controller/identity/certificates.ts';
import { initIdentity, loadIdentity } from '../../../controller/identity/identity.ts';
import { createInvitation } from '../../../controller/identity/invitation.ts';
import { signer } from '../../../controller/identity/signer.ts';
import { certificateRequest } from '../../support/certificate-request.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../support/temporary-directory.ts';

const now = Date.UTC(2026, 5, 1);
const day = 24 * 3_600_000;

describe('the identity of a controller', () => {
  afterEach(removeTemporaryDirectories);

  it('is made once, readable by its owner alone, and loads again', async () => {
    const directory = temporaryDirectory();

    const made = await initIdentity(directory, 'shop-eu', now);

    assert.deepEqual(await loadIdentity(directory, now), made);
    assert.equal(made.fleet, 'shop-eu');
    for (const name of readdirSync(join(directory, 'identity'))) {
      assert.equal(statSync(join(directory, 'identity', name)).mode & 0o777, 0o600, name);
    }
  });

  it('is never overwritten', async () => {
    const directory = temporaryDirectory();
    const made = await initIdentity(directory, 'shop-eu', now);

    await assert.rejects(initIdentity(directory, 'shop-eu', now), { code: 'ZDMS_IDENTITY_EXISTS' });

    assert.deepEqual(await loadIdentity(directory, now), made);
    assert.deepEqual(readdirSync(directory), ['identity']);
  });

  it('has to be there, and closed to others', async () => {
    const directory = temporaryDirectory();
    await assert.rejects(loadIdentity(directory, now), { code: 'ZDMS_IDENTITY_MISSING' });
    await initIdentity(directory, 'shop-eu', now);

    chmodSync(join(directory, 'identity/ca-key.pem'), 0o640);

    await assert.rejects(loadIdentity(directory, now), { code: 'ZDMS_IDENTITY_EXPOSED' });
  });

  it('needs a name that fits into a certificate', async () => {
    await assert.rejects(initIdentity(temporaryDirectory(), 'Shop/EU', now), { code: 'ZDMS_FLEET_NAME_INVALID' });
  });

  it('has a server certificate for a year, by its own authority, for the name that agents ask for', async () => {
    const { caPem, serverCertificatePem } = await initIdentity(temporaryDirectory(), 'shop-eu', now);
    const authority = new X509Certificate(caPem);
    const server = new X509Certificate(serverCertificatePem);

    assert.ok(server.checkIssued(authority) && server.verify(authority.publicKey));
    assert.equal(server.checkHost('zdms-controller'), 'zdms-controller');
    assert.equal(server.validToDate.getTime() - now, 365 * day);
    assert.ok(authority.ca);
  });

  it('renews its server certificate when that ends soon, and keeps the new one', async () => {
    const directory = temporaryDirectory();
    const first = await initIdentity(directory, 'shop-eu', now);
    const later = now + 320 * day;

    const renewed = await loadIdentity(directory, later);

    assert.equal((await loadIdentity(directory, now + 200 * day)).serverCertificatePem, renewed.serverCertificatePem);
    assert.notEqual(renewed.serverCertificatePem, first.serverCertificatePem);
    assert.equal(new X509Certificate(renewed.serverCertificatePem).validToDate.getTime(), later + 365 * day);
    assert.equal(renewed.caPem, first.caPem);
  });

  it('has an SSH key that ssh2 can use', async () => {
    const { sshPrivateKey, sshPublicKey } = await initIdentity(temporaryDirectory(), 'shop-eu', now);

    const key = ssh2.utils.parseKey(sshPublicKey);

    assert.ok(!(ssh2.utils.parseKey(sshPrivateKey) instanceof Error));
    assert.ok(!(key instanceof Error));
    assert.equal(key.type, 'ssh-ed25519');
  });
});

describe('a host certificate', () => {
  afterEach(removeTemporaryDirectories);

  it('says who the host is by what the controller knows, whatever the request says', async () => {
    const identity = await initIdentity(temporaryDirectory(), 'shop-eu', now);
    const { csrPem, keyPem } = await certificateRequest('CN=root, O=everything');

    const pem = await issueHostCertificate(identity, csrPem, 'web-1', now);

    const certificate = new X509Certificate(pem);
    assert.equal(certificate.subject, 'CN=web-1');
    assert.equal(certificate.subjectAltName, 'URI:spiffe://shop-eu/host/web-1');
    assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2']);
    assert.equal(certificate.ca, false);
    assert.equal(certificate.validFromDate.getTime(), now - 5 * 60_000);
    assert.equal(certificate.validToDate.getTime(), now + day);
    assert.ok(certificate.verify(new X509Certificate(identity.caPem).publicKey));
    assert.deepEqual(
      certificate.publicKey.export({ type: 'spki', format: 'pem' }),
      createPublicKey(keyPem).export({ type: 'spki', format: 'pem' }),
    );
  });

  it('is refused to a request that its key did not sign', async () => {
    const { csrPem } = await certificateRequest();
    const body = csrPem.split('\n').slice(1, -1).join('');
    const forged = Buffer.from(body, 'base64');
    forged[forged.length - 5] = (forged[forged.length - 5] ?? 0) ^ 1;
    const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${forged.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;

    await assert.rejects(readCertificateRequest(pem), { code: 'ZDMS_CERTIFICATE_REQUEST_INVALID' });
  });

  it('is refused to what is no request', async () => {
    for (const text of [
      '',
      'hello',
      '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----',
      'x'.repeat(100_000),
    ]) {
      await assert.rejects(readCertificateRequest(text), { code: 'ZDMS_CERTIFICATE_REQUEST_INVALID' });
    }
  });
});

describe('the signer', () => {
  afterEach(removeTemporaryDirectories);

  it('signs the exact text that is sent', async () => {
    const identity = await initIdentity(temporaryDirectory(), 'shop-eu', now);
    const order = {
      v: 1 as const,
      fleet: 'shop-eu',
      plan: 'a'.repeat(64),
      rollout: 'r1',
      host: 'web-1',
      verbs: ['apply' as const],
      packages: [],
      wayBack: [],
      pools: [],
      quorum: null,
      wayBackRequired: false,
      restarts: 'none' as const,
      notAfter: now,
    };

    const { signed, hash } = signer(identity).signOrder(order);

    const signature = Buffer.from(signed.signature, 'base64');
    const key = createPublicKey(identity.orderPublicKeyPem);
    assert.deepEqual(JSON.parse(signed.body), order);
    assert.match(hash, /^[0-9a-f]{64}$/);
    assert.ok(verify(null, Buffer.from(signed.body), key, signature));
    assert.ok(!verify(null, Buffer.from(`${signed.body} `), key, signature));
  });
});

describe('an invitation', () => {
  afterEach(removeTemporaryDirectories);

  it('has a token of 256 bits of which only the hash is kept', () => {
    const { token, invitation } = createInvitation('web-1', now);

    assert.equal(Buffer.from(token, 'base64url').length, 32);
    assert.notEqual(createInvitation('web-1', now).token, token);
    assert.ok(!JSON.stringify(invitation).includes(token));
    assert.equal(invitation.expiresAt, now + 3_600_000);
  });
});

describe('no private key', () => {
  afterEach(removeTemporaryDirectories);

  it('is in the file of another', async () => {
    const directory = temporaryDirectory();
    await initIdentity(directory, 'shop-eu', now);

    const texts = readdirSync(join(directory, 'identity')).map((name) =>
      readFileSync(join(directory, 'identity', name), 'utf8'),
    );

    assert.equal(new Set(texts).size, 6);
  });
});
