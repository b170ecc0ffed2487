import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { chmod, chown, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import { type Validator, validators } from '../../../../agent/platform/files/validators.ts';
import { skipBecause } from '../../../support/skip-because.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../../support/temporary-directory.ts';
import { FilesRig, ordered, PLAN } from './files-rig.ts';

const path = '/etc/shop/conf.d/a.conf';

/** A program that reads these files where they really are, and says no unless each of them is good. */
function wantsGood(...paths: readonly string[]): (root: string) => readonly Validator[] {
  return judgedBy('for file; do grep -q good "$file" || { echo "$file is not good"; exit 1; }; done', ...paths);
}

function judgedBy(script: string, ...paths: readonly string[]): (root: string) => readonly Validator[] {
  const file = join(temporaryDirectory(), 'judge');
  writeFileSync(file, script);
  return (root) => [
    { prefix: '/etc/shop/', program: 'sh', arguments: [file, ...paths.map((each) => join(root, each))] },
  ];
}

describe('a file that a program reads', () => {
  let rig: FilesRig;
  before('mount', function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'mounting needs root');
  });
  beforeEach(() => {
    rig = new FilesRig(wantsGood(path));
    rig.write(path, 'as it was\n');
  });
  afterEach(() => removeTemporaryDirectories());

  it('is taken when the program would start with it', async () => {
    await rig.files.check([ordered(path, 'good\n')], rig.context);

    assert.equal(rig.read(path), 'as it was\n');
    assert.deepEqual(rig.remarks, []);
  });

  it('is refused with the words of the program when it would not, and nothing is changed', async () => {
    const files = [ordered(path, 'bad\n', { kind: 'reload', unit: 'shop.service' })];

    for (const attempt of [
      () => rig.files.check(files, rig.context),
      () => rig.files.install(PLAN, files, rig.context),
    ])
      await assert.rejects(attempt, {
        code: 'file-invalid',
        message: /^\/\S*\/sh .*nothing was changed: .*a\.conf is not good\. Next: /s,
      });
    assert.equal(rig.read(path), 'as it was\n');
    assert.deepEqual(rig.systemd.actions, []);
    assert.deepEqual(readdirSync(rig.scratch), []);
  });

  it('is never seen by anybody else while it is judged', async () => {
    const pipes = temporaryDirectory();
    const [seen, goOn] = [join(pipes, 'seen'), join(pipes, 'go-on')];
    execFileSync('mkfifo', [seen, goOn]);
    // It says what it sees, and stays until we have looked as well.
    rig = new FilesRig(judgedBy(`cat "$1" > ${seen}; read -r answer < ${goOn}`, path));
    rig.write(path, 'as it was\n');

    const checked = rig.files.check([ordered(path, 'good\n')], rig.context);
    const inside = await readFile(seen, 'utf8');
    const outside = rig.read(path);
    const leftBeside = readdirSync(rig.at('/etc/shop/conf.d'));
    await writeFile(goOn, 'go on\n');
    await checked;

    assert.deepEqual(
      { inside, outside, leftBeside },
      { inside: 'good\n', outside: 'as it was\n', leftBeside: ['a.conf'] },
    );
  });

  it('is judged together with all others of the order, in other directories and new ones too', async () => {
    rig = new FilesRig(wantsGood('/etc/shop/shop.conf', '/etc/shop/conf.d/new.conf', '/etc/keys/shop.key'));
    for (const directory of ['/etc/shop/conf.d', '/etc/keys']) mkdirSync(rig.at(directory));
    const good = ['/etc/shop/shop.conf', '/etc/shop/conf.d/new.conf', '/etc/keys/shop.key'];

    await rig.files.check(
      good.map((each) => ordered(each, 'good\n')),
      rig.context,
    );

    assert.equal(rig.read('/etc/shop/shop.conf'), null);
    await assert.rejects(rig.files.check([ordered('/etc/shop/shop.conf', 'good\n')], rig.context), {
      code: 'file-invalid',
      message: /new\.conf is not good/,
    });
  });

  it('is seen with its mode and owner, in directories that keep theirs', async () => {
    rig = new FilesRig(judgedBy('cd "$1"; find . -printf "%P %m %U:%G\\n"; exit 1', '/etc/shop'));
    rig.write(path, 'as it was\n');
    await chmod(rig.at('/etc/shop'), 0o750);
    await chown(rig.at('/etc/shop/conf.d'), 0, 2);
    await chmod(rig.at('/etc/shop/conf.d'), 0o2710);
    const files = [
      { ...ordered(path, 'good\n'), mode: 0o640, owner: 'daemon', group: 'root' },
      ordered('/etc/shop/shop.conf', 'good\n'),
    ];

    const failure = await rig.files.check(files, rig.context).catch((error: unknown) => String(error));

    assert.match(String(failure), / 750 0:0/);
    assert.match(String(failure), /conf\.d 2710 0:2/);
    assert.match(String(failure), /a\.conf 640 1:0/);
  });

  it('is judged beside what is mounted below its directory, and also where it lies on such a mount', async () => {
    rig = new FilesRig(wantsGood('/etc/shop/shop.conf', '/etc/shop/data/kept', '/etc/shop/data/new'));
    const data = rig.mountSmall('/etc/shop/data');
    try {
      writeFileSync(rig.at('/etc/shop/data/kept'), 'good\n');
      const [first, second] = [ordered('/etc/shop/shop.conf', 'good\n'), ordered('/etc/shop/data/new', 'good\n')];
      await rig.files.check([first, second], rig.context);
      assert.deepEqual(readdirSync(rig.at('/etc/shop/data')), ['kept']);
    } finally {
      data.unmount();
    }
  });

  it('is not put in place unchecked where no namespace can be made', async () => {
    const { run } = rig.commands;
    rig.commands.run = async (argv, options) => {
      if (argv[0] !== 'unshare') return run(argv, options);
      return { exitCode: 1, stdout: '', stderr: 'unshare: Operation not permitted', timedOut: false };
    };

    await assert.rejects(rig.files.install(PLAN, [ordered(path, 'good\n')], rig.context), {
      code: 'file-refused',
      message: /no file is put in place unchecked: unshare: Operation not permitted.*CAP_SYS_ADMIN/s,
    });
    assert.equal(rig.read(path), 'as it was\n');
  });

  it('of a program that is not installed is taken, and the step says so', async () => {
    rig = new FilesRig(() => [{ prefix: '/etc/shop/', program: 'no-such-program', arguments: [] }]);
    rig.write(path, '');
    await rig.files.check([ordered(path, 'bad\n')], rig.context);

    assert.deepEqual(rig.remarks, ['no-such-program is not installed: nobody has checked its files']);
  });

  it('of another program is none of its business', async () => {
    await rig.files.check([ordered('/etc/motd', 'bad\n')], rig.context);
  });

  it('has a program that judges it for each way in and each balancer that we know', () => {
    const judgeOf = (file: string) => validators.find(({ prefix }) => file.startsWith(prefix))?.program;
    const files = ['/etc/ssh/sshd_config.d/a.conf', '/etc/sudoers', '/etc/sudoers.d/a', '/etc/nginx/nginx.conf'];
    assert.deepEqual([...files, '/etc/haproxy/haproxy.cfg', '/etc/motd'].map(judgeOf), [
      ...['sshd', 'visudo', 'visudo', 'nginx', 'haproxy', undefined],
    ]);
  });
});
