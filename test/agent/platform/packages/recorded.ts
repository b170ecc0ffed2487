/** Answers of apt and dpkg of Debian 12, as recorded; hosts replaced, and only as many packages as a test needs. */

export const policySources = `Package files:
 100 /var/lib/dpkg/status
     release a=now
 500 http://deb.example/debian-security bookworm-security/main amd64 Packages
     release v=12,o=Debian,a=oldstable-security,n=bookworm-security,l=Debian-Security,c=main,b=amd64
     origin deb.example
 500 http://deb.example/debian bookworm-updates/main amd64 Packages
     release v=12-updates,o=Debian,a=oldstable-updates,n=bookworm-updates,l=Debian,c=main,b=amd64
     origin deb.example
 500 http://deb.example/debian bookworm/main amd64 Packages
     release v=12.15,o=Debian,a=oldstable,n=bookworm,l=Debian,c=main,b=amd64
     origin deb.example
 500 http://10.77.0.1:8080 lab/main all Packages
     release o=zlab,a=lab,n=lab,l=zlab-security,c=main,b=all
     origin 10.77.0.1
Pinned packages:
`;

export const policy = `libssl3:
  Installed: 3.0.20-1~deb12u2
  Candidate: 3.0.22-1~deb12u2
  Version table:
     3.0.22-1~deb12u2 500
        500 http://deb.example/debian-security bookworm-security/main amd64 Packages
 *** 3.0.20-1~deb12u2 500
        500 http://deb.example/debian bookworm/main amd64 Packages
        100 /var/lib/dpkg/status
     3.0.17-1~deb12u2 500
        500 http://deb.example/debian bookworm-updates/main amd64 Packages
zdemo:
  Installed: 1.0.0
  Candidate: 1.2.0
  Version table:
     1.2.0 500 (phased 10%)
        500 http://10.77.0.1:8080 lab/main all Packages
     1.1.0 500
        500 http://10.77.0.1:8080 lab/main all Packages
 *** 1.0.0 100
        100 /var/lib/dpkg/status
gpgv:
  Installed: 2.2.40-1.1+deb12u2
  Candidate: 2.2.40-1.1+deb12u2
  Version table:
 *** 2.2.40-1.1+deb12u2 500
        500 http://deb.example/debian bookworm/main amd64 Packages
        100 /var/lib/dpkg/status
ours:
  Installed: 5
  Candidate: 5
  Version table:
 *** 5 100
        100 /var/lib/dpkg/status
`;

function stanza(name: string, version: string, architecture: string, digit: string, bytes: number): string {
  return `Package: ${name}
Version: ${version}
Architecture: ${architecture}
Depends: libc6 (>= 2.34)
Description: one
 Version: not this one
Filename: pool/x.deb
Size: ${bytes}
SHA256: ${digit.repeat(64)}
`;
}

export const show = [
  stanza('libssl3', '3.0.22-1~deb12u2', 'amd64', 'a', 2_023_000),
  `Package: libssl3\nStatus: install ok installed\nVersion: 3.0.20-1~deb12u2\nArchitecture: amd64\n`,
  stanza('libssl3', '3.0.20-1~deb12u2', 'amd64', 'b', 2_022_000),
  stanza('libssl3', '3.0.17-1~deb12u2', 'amd64', 'c', 2_021_000),
  stanza('zdemo', '1.2.0', 'all', 'd', 3214),
  stanza('zdemo', '1.1.0', 'all', 'e', 3215),
].join('\n');

export const dpkgQuery = `libssl3\tamd64\t3.0.20-1~deb12u2\tii 
libssl3\ti386\t3.0.20-1~deb12u2\tii 
zdemo\tall\t1.0.0\thi 
gpgv\tamd64\t2.2.40-1.1+deb12u2\tii 
ours\tall\t5\tii 
gone\tall\t1.0\trc 
never\t\t\tun 
broken\tamd64\t2\tiHR
half\tamd64\t3\tiF 
`;

export const simulation = `Reading package lists...
Building dependency tree...
The following packages will be upgraded:
  libssl3 zdemo
Inst libssl3 [3.0.20-1~deb12u2] (3.0.22-1~deb12u2 Debian-Security:12/oldstable-security [amd64])
Inst zdemo [1.0.0] (1.1.0 zlab-security:lab [all])
Inst zdemo-data (1.1.0 zlab-security:lab [all])
Remv zold [1.0]
Conf libssl3 (3.0.22-1~deb12u2 Debian-Security:12/oldstable-security [amd64])
`;

export const printedUris = `Reading package lists...
'http://deb.example/debian/pool/main/o/openssl/libssl3_3.0.22-1%7edeb12u2_amd64.deb' libssl3_3.0.22-1~deb12u2_amd64.deb 2023000 SHA256:aa
'http://10.77.0.1:8080/pool/zdemo_1.1.0_all.deb' zdemo_1.1.0_all.deb 3214 SHA256:bb
`;

export const failures = {
  'disk-full':
    "dpkg: error processing archive x.deb (--unpack):\n cannot copy extracted data for './x' to '/x.dpkg-new': failed to write (No space left on device)\nE: Sub-process /usr/bin/dpkg returned an error code (1)",
  'lock-held':
    'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 4711 (apt-get)\nE: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?',
  'packages-unclean': "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem.",
  'would-remove':
    'The following packages will be REMOVED:\n  db\nE: Packages need to be removed but remove is disabled.',
  'package-held': 'E: Held packages were changed and -y was used without --allow-change-held-packages.',
  'version-unobtainable': "E: Version '9.9.9' for 'zdemo' was not found",
  'package-script-failed':
    'Setting up zfail (1.0) ...\ndpkg: error processing package zfail (--configure):\n installed zfail package post-installation script subprocess returned error exit status 3\nE: Sub-process /usr/bin/dpkg returned an error code (1)',
  'unmet-dependencies':
    'The following packages have unmet dependencies:\n a : Depends: b but it is not going to be installed',
  'not-fetched': 'E: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?',
  'digest-mismatch': 'E: Failed to fetch http://deb.example/x.deb  Hash Sum mismatch',
} as const;

export const procLocks = `1: OFDLCK ADVISORY  WRITE -1 00:28:3 0 EOF
2: POSIX  ADVISORY  WRITE 4711 fe:00:5407129 0 EOF
2: -> POSIX  ADVISORY  WRITE 4712 fe:00:5407129 0 EOF
3: POSIX  ADVISORY  READ  99 fe:00:42 1073741826 1073742335
`;

export const needrestart = `NEEDRESTART-VER: 3.6
NEEDRESTART-KCUR: 6.1.0-40-amd64
NEEDRESTART-KEXP: 6.1.0-41-amd64
NEEDRESTART-KSTA: 3
NEEDRESTART-UCSTA: 1
NEEDRESTART-UCCUR: 0x1000065
NEEDRESTART-UCEXP: 
NEEDRESTART-SVC: nginx.service
NEEDRESTART-SVC: ssh.service
`;
