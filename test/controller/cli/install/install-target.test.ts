import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parseHostsFile, parseTarget } from '../../../../controller/cli/install/install-target.ts';
import { shellWords } from '../../../../controller/cli/install/remote-command.ts';
import { parseSshConfiguration } from '../../../../controller/cli/install/ssh-configuration.ts';
import { agentPackageOf } from '../../../../controller/cli/install/agent-package.ts';
import { judgeHostKey, parseKnownHosts } from '../../../../controller/cli/install/host-key.ts';

describe('a hosts file', () => {
  it('names one host a line, with id, port and labels', () => {
    const text = '# web\nadmin@10.0.0.11 id=web-1 zone=a rack=a1 role=web port=2222  # first\n\nweb-2.example zone=b\n';

    assert.deepEqual(parseHostsFile(text, 'hosts.txt'), [
      { id: 'web-1', user: 'admin', address: '10.0.0.11', port: 2222, labels: { zone: 'a', rack: 'a1', role: 'web' } },
      { id: 'web-2', user: null, address: 'web-2.example', port: null, labels: { zone: 'b' } },
    ]);
  });

  it('reports every wrong line', () => {
    const text =
      'root@10.0.0.1\nroot@h1 zone\nroot@h2 port=0\n-oProxyCommand=x id=a\nroot@h3 id=Web_3\nroot@h4\nroot@h4\nroot@h5 a=1 a=2\n';

    assert.throws(() => parseHostsFile(text, 'hosts.txt'), {
      code: 'ZDMS_HOSTS_FILE_INVALID',
      message: [
        'hosts.txt:1: 10.0.0.1 has no id: say id=NAME (on the command line --id NAME)',
        'hosts.txt:2: `zone` is not KEY=VALUE',
        'hosts.txt:3: `0` is no port',
        'hosts.txt:4: `-oProxyCommand=x` is not USER@ADDRESS',
        'hosts.txt:5: `Web_3` is no id for a host',
        'hosts.txt:7: the id `h4` is there twice',
        'hosts.txt:8: `a` is there twice',
      ].join('\n'),
    });
  });

  it('may not be empty', () => {
    assert.throws(() => parseHostsFile('# nothing\n', 'hosts.txt'), { message: 'hosts.txt: there is no host in it' });
  });
});

describe('a target', () => {
  it('needs an id where only an IPv6 address is known', () => {
    assert.throws(() => parseTarget('root@2001:db8::1', []), { code: 'ZDMS_HOST_INVALID' });
    assert.equal(parseTarget('root@2001:db8::1', ['id=web-1']).address, '2001:db8::1');
  });
});

describe('the output of ssh -G', () => {
  const text =
    'user admin\nhostname 10.0.0.11\nport 2222\nuserknownhostsfile /h/.ssh/known_hosts /h/.ssh/known_hosts2\nglobalknownhostsfile /etc/ssh/ssh_known_hosts\n';

  it('says where the host is and under which name it is known', () => {
    assert.deepEqual(parseSshConfiguration(text, null), {
      hostname: '10.0.0.11',
      port: 2222,
      user: 'admin',
      knownAs: '[10.0.0.11]:2222',
      knownHostsFiles: ['/h/.ssh/known_hosts', '/h/.ssh/known_hosts2', '/etc/ssh/ssh_known_hosts'],
    });
  });

  it('gives way to the known_hosts file that the operator named', () => {
    assert.deepEqual(parseSshConfiguration(`${text}hostkeyalias web\n`, '/x').knownHostsFiles, ['/x']);
    assert.equal(parseSshConfiguration(`${text}hostkeyalias web\n`, '/x').knownAs, 'web');
  });
});

describe('a host key', () => {
  const known = parseKnownHosts(
    '# Host h found: line 1\nh ssh-rsa AAAB\nh ssh-ed25519 AAAA\n@revoked h ssh-ed25519 AAAC comment\n',
  );

  it('is known, changed or revoked by keys of its own type', () => {
    assert.equal(judgeHostKey('ssh-ed25519 AAAA', known), 'known');
    assert.equal(judgeHostKey('ssh-ed25519 AAAD', known), 'changed');
    assert.equal(judgeHostKey('ssh-ed25519 AAAC', known), 'revoked');
  });

  it('is unknown where only keys of other types are known', () => {
    assert.equal(judgeHostKey('ssh-ed25519 AAAA', known.slice(0, 1)), 'unknown');
  });
});

describe('a command for the other side', () => {
  it('reaches its shell as the words it was', () => {
    assert.equal(
      shellWords(['dpkg-query', '-f=${Version}', "it's", '/tmp/a.deb']),
      `dpkg-query '-f=\${Version}' 'it'\\''s' /tmp/a.deb`,
    );
  });
});

describe('the name of a package file', () => {
  it('says version and architecture', () => {
    const { version, architecture } = agentPackageOf('/x/zdms-agent_0.2.0~rc1-1_arm64.deb');
    assert.deepEqual([version, architecture], ['0.2.0~rc1-1', 'arm64']);
  });

  it('has to be that of the agent', () => {
    assert.throws(() => agentPackageOf('/x/other_1_amd64.deb'), { code: 'ZDMS_AGENT_PACKAGE_INVALID' });
  });
});
