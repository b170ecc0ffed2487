import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { FailureCode } from '../../agent/executor/codes.ts';
import type { InstalledVersions, PackageState } from '../../agent/platform/packages/packages.ts';
import { StepFailure } from '../../agent/platform/step-failure.ts';
import type { ExactPackage } from '../../proto/zdms/v1/executor.ts';
import { skipBecause } from '../support/skip-because.ts';

/** The port of a host; steps that return nothing have their remarks as their answer. */
export interface PackagesSubject {
  installed(names: readonly string[]): Promise<InstalledVersions>;
  audit(): Promise<readonly string[]>;
  preflight(targets: readonly ExactPackage[]): Promise<readonly string[]>;
  fetch(targets: readonly ExactPackage[], wayBack: readonly ExactPackage[]): Promise<readonly ExactPackage[]>;
  install(targets: readonly ExactPackage[]): Promise<readonly string[]>;
  proveInstalled(targets: readonly ExactPackage[]): Promise<void>;
  survey(refresh: boolean): Promise<readonly PackageState[]>;
}

/** A host with all demo packages in version 1.0.0, and what the contract does to it beside the port. */
export interface PackagesWorld {
  readonly subject: PackagesSubject;
  /** How this family writes version 1.1.0 of a package. */
  version(plain: string): string;
  /** The version that the database of packages itself has, or null. */
  truth(name: string): Promise<string | null>;
  /** Digest of a file in the archive directory, or null when it is not there. */
  keptDigest(name: string, version: string): Promise<string | null>;
  hold(name: string): Promise<void>;
  /** From now on no repository answers. */
  cutOff(): void;
  /** Another program takes the lock; what the refusal has to name. */
  lock(): Promise<string>;
  /** From now on a script of this package's versions above 1.0.0 fails. */
  breakScript(name: string): void;
  /** The way that the first transaction with a newer version of this package is killed half-way. */
  killOnce(name: string): void;
  /** False where packages are only names and versions: without relations, without files. */
  readonly hasContents: boolean;
  /** It came as a dependency only, and may go when nothing needs it any more. */
  markAutomatic(name: string): Promise<void>;
  isAutomatic(name: string): Promise<boolean>;
  /** Runs a shell script on the host and returns what it printed. */
  run(script: string): Promise<string>;
  close(): Promise<void>;
}

/** What every package manager behind the port has to do. `open` makes a fresh host. */
export function packagesContract(name: string, open: () => Promise<PackagesWorld>): void {
  describe(`packages through ${name}`, () => {
    let world: PackagesWorld;
    let subject: PackagesSubject;

    beforeEach(async () => {
      world = await open();
      subject = world.subject;
    });
    afterEach(() => world.close());

    function exact(packageName: string, plain: string, sha256: string | null = null): ExactPackage {
      return { name: packageName, version: world.version(plain), sha256 };
    }

    async function failsWith(code: FailureCode, work: Promise<unknown>): Promise<string> {
      const error = await work.then(
        () => null,
        (thrown: unknown) => thrown,
      );
      assert.ok(error instanceof StepFailure, `expected ${code}, got ${String(error)}`);
      assert.equal(error.code, code, error.message);
      return error.message;
    }

    async function bring(targets: readonly ExactPackage[], wayBack: readonly ExactPackage[] = []): Promise<void> {
      await subject.preflight(targets);
      await subject.fetch(targets, wayBack);
      await subject.install(targets);
    }

    it('tells exact versions, and null for what is not installed', async () => {
      const found = await subject.installed(['zdemo', 'znever']);

      assert.deepEqual(found, { zdemo: world.version('1.0.0'), znever: null });
    });

    it('finds nothing wrong with a clean host', async () => {
      assert.deepEqual(await subject.audit(), []);
    });

    it('surveys what is on offer for what is installed, with digests that are those of the files', async () => {
      const states = await subject.survey(true);

      const zdemo = states.find((state) => state.name === 'zdemo');
      assert.equal(zdemo?.installed, world.version('1.0.0'));
      assert.equal(zdemo.candidate, world.version('1.2.0'));
      assert.equal(zdemo.held, false);
      assert.deepEqual(
        zdemo.offers.map(({ version, security }) => ({ version, security })),
        ['1.2.0', '1.1.0'].map((plain) => ({ version: world.version(plain), security: true })),
      );
      const offer = zdemo.offers[1];
      assert.ok(offer !== undefined && offer.downloadBytes > 0 && offer.origin !== '');
      await subject.fetch([exact('zdemo', '1.1.0', offer.sha256)], []);
      assert.equal(await world.keptDigest('zdemo', '1.1.0'), offer.sha256);
    });

    it('surveys what its owner holds as held', async () => {
      await world.hold('zdemo');

      const states = await subject.survey(true);

      assert.equal(states.find((state) => state.name === 'zdemo')?.held, true);
      assert.equal(states.find((state) => state.name === 'zlib-demo')?.held, false);
    });

    it('installs nothing by preflight and fetch', async () => {
      await subject.preflight([exact('zdemo', '1.1.0')]);
      await subject.fetch([exact('zdemo', '1.1.0')], [exact('zdemo', '1.0.0')]);

      assert.equal(await world.truth('zdemo'), world.version('1.0.0'));
      assert.deepEqual(await subject.audit(), []);
    });

    it('brings exactly the version that was named, though a newer one is on offer', async () => {
      await bring([exact('zdemo', '1.1.0')]);

      assert.equal(await world.truth('zdemo'), world.version('1.1.0'));
      await subject.proveInstalled([exact('zdemo', '1.1.0')]);
    });

    it('needs no repository after fetch: neither for the installation nor for the way back', async () => {
      await subject.preflight([exact('zdemo', '1.2.0')]);
      await subject.fetch([exact('zdemo', '1.2.0')], [exact('zdemo', '1.0.0')]);
      world.cutOff();

      await subject.install([exact('zdemo', '1.2.0')]);
      const forth = await world.truth('zdemo');
      await bring([exact('zdemo', '1.0.0')]);

      assert.equal(forth, world.version('1.2.0'));
      assert.equal(await world.truth('zdemo'), world.version('1.0.0'));
      assert.deepEqual(await subject.audit(), []);
    });

    it('does nothing where all is as wanted, however often it is asked', async () => {
      await bring([exact('zdemo', '1.1.0')]);
      world.cutOff();

      await bring([exact('zdemo', '1.1.0')]);

      assert.equal(await world.truth('zdemo'), world.version('1.1.0'));
    });

    it('refuses to install what was not fetched, and leaves all as it is', async () => {
      await failsWith('not-fetched', subject.install([exact('zdemo', '1.1.0')]));

      assert.equal(await world.truth('zdemo'), world.version('1.0.0'));
    });

    it('deletes a download that is not what was planned', async () => {
      await failsWith('digest-mismatch', subject.fetch([exact('zdemo', '1.1.0', '0'.repeat(64))], []));

      assert.equal(await world.keptDigest('zdemo', '1.1.0'), null);
    });

    it('tells what of the way back is not to be had, and fetches all the rest', async () => {
      const targets = [exact('zgone', '1.1.0'), exact('zdemo', '1.1.0')];
      const missing = await subject.fetch(targets, [exact('zgone', '1.0.0'), exact('zdemo', '1.0.0')]);

      assert.deepEqual(missing, [exact('zgone', '1.0.0')]);
      assert.notEqual(await world.keptDigest('zgone', '1.1.0'), null);
      assert.notEqual(await world.keptDigest('zdemo', '1.0.0'), null);
    });

    it('surveys where the installed versions could come from again', async () => {
      const before = await subject.survey(true);
      await subject.fetch([exact('zdemo', '1.1.0')], [exact('zdemo', '1.0.0')]);
      const after = await subject.survey(false);

      const wayBackOf = (states: readonly PackageState[], name: string) =>
        states.find((state) => state.name === name)?.wayBack;
      assert.equal(wayBackOf(before, 'zdemo'), 'offered');
      assert.equal(wayBackOf(before, 'zgone'), 'none');
      assert.equal(wayBackOf(after, 'zdemo'), 'kept');
    });

    it('refuses a version that is in no repository', async () => {
      await failsWith('version-unobtainable', subject.preflight([exact('zdemo', '9.0.0')]));
    });

    it('refuses what its owner holds', async () => {
      await world.hold('zdemo');

      const message = await failsWith('package-held', subject.preflight([exact('zdemo', '1.1.0')]));

      assert.match(message, /zdemo/);
    });

    it('says before the host is out of service that no repository answers, unless all of it was kept', async () => {
      await subject.fetch([exact('zdemo', '1.1.0')], []);
      world.cutOff();

      // apt may go on with the lists that it has; then the download fails.
      const prepared = subject
        .preflight([exact('zdemo', '1.2.0')])
        .then(() => subject.fetch([exact('zdemo', '1.2.0')], []));
      await assert.rejects(prepared, ({ code }: StepFailure) =>
        ['lists-unavailable', 'download-failed'].includes(code),
      );
      await subject.preflight([exact('zdemo', '1.1.0')]);
    });

    it('refuses while another program holds the lock, and names it', async () => {
      const holder = await world.lock();

      const message = await failsWith('lock-held', subject.preflight([exact('zdemo', '1.1.0')]));

      assert.ok(message.includes(holder), message);
    });

    it('fails where a script of a package fails', async () => {
      world.breakScript('zbad');
      await subject.fetch([exact('zbad', '1.1.0')], []);

      await failsWith('package-script-failed', subject.install([exact('zbad', '1.1.0')]));
    });

    it('takes no other version for the wanted one', async () => {
      const message = await failsWith('versions-differ', subject.proveInstalled([exact('zdemo', '1.1.0')]));

      assert.ok(message.includes(world.version('1.0.0')), message);
    });

    it('sees a transaction that was killed half-way, and repairs it when it installs again', async () => {
      world.killOnce('zstop');
      const target = exact('zstop', '1.1.0');
      await subject.fetch([target], [exact('zstop', '1.0.0')]);
      await assert.rejects(subject.install([target]), StepFailure);
      const problems = await subject.audit();
      // What install cures is remarked beforehand; where it may not be begun with, preflight refuses.
      const told = await subject.preflight([target]).then(
        (found) => found.join('\n'),
        (error: unknown) => (error instanceof StepFailure ? error.code : ''),
      );
      await assert.rejects(subject.proveInstalled([target]), StepFailure);

      const remarks = await subject.install([target]);

      assert.notDeepEqual(problems, []);
      assert.match(told, /interrupted|packages-unclean/);
      assert.match(remarks.join('\n'), /interrupted/);
      assert.equal(await world.truth('zstop'), world.version('1.1.0'));
      assert.deepEqual(await subject.audit(), []);
    });

    describe('of packages with files that need each other', () => {
      beforeEach(function () {
        if (!world.hasContents) skipBecause(this, 'its packages are only names and versions');
      });

      it('keeps a configuration file that its owner has changed, says so, and leaves the new one beside it', async () => {
        await world.run("echo 'speed=9' >/etc/zconf.conf");
        await subject.fetch([exact('zconf', '1.1.0')], []);

        const remarks = await subject.install([exact('zconf', '1.1.0')]);

        assert.equal(await world.run('cat /etc/zconf.conf'), 'speed=9\n');
        assert.ok(
          remarks.some((remark) => remark.startsWith('/etc/zconf.conf: the local file was kept')),
          remarks.join('\n'),
        );
        const beside = await world.run('cat /etc/zconf.conf.dpkg-dist /etc/zconf.conf.rpmnew 2>/dev/null || true');
        assert.equal(beside, 'speed=2\n');
      });

      it('refuses where a package would have to be removed, and names it', async () => {
        const message = await failsWith('would-remove', subject.preflight([exact('zrival', '1.1.0')]));

        assert.match(message, /zold/);
        assert.equal(await world.truth('zold'), world.version('1.0.0'));
      });

      it('fetches also what the order does not name, says so, and installs it without a repository', async () => {
        const remarks = await subject.preflight([exact('zuser', '1.1.0')]);
        await subject.fetch([exact('zuser', '1.1.0')], []);
        world.cutOff();

        await subject.install([exact('zuser', '1.1.0')]);

        assert.ok(
          remarks.some((remark) => remark.includes(`zlib-demo ${world.version('1.1.0')}`)),
          remarks.join('\n'),
        );
        assert.equal(await world.truth('zuser'), world.version('1.1.0'));
        assert.equal(await world.truth('zlib-demo'), world.version('1.1.0'));
      });

      it('leaves what came as a dependency marked as one', async () => {
        await world.markAutomatic('zlib-demo');

        await bring([exact('zuser', '1.1.0'), exact('zlib-demo', '1.1.0')]);

        assert.equal(await world.isAutomatic('zlib-demo'), true);
        assert.equal(await world.isAutomatic('zuser'), false);
      });

      it('goes back to an older version only of what the order names', async () => {
        await bring([exact('zuser', '1.1.0'), exact('zlib-demo', '1.1.0')]);
        const one = subject.preflight([exact('zlib-demo', '1.0.0')]);

        await assert.rejects(one, (error: StepFailure) => ['unmet-dependencies', 'would-remove'].includes(error.code));
        await bring([exact('zlib-demo', '1.0.0'), exact('zuser', '1.0.0')]);

        assert.equal(await world.truth('zuser'), world.version('1.0.0'));
        assert.equal(await world.truth('zlib-demo'), world.version('1.0.0'));
      });
    });
  });
}
