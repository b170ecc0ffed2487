import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The URI of a hypervisor that lets `zdms` in by `password`, for somebody who comes with another one, kept where libvirt looks for it
 * (`authfile`). It is libvirt's test driver, within virsh itself; its one domain is `test`.
 */
export function libvirtAccount(directory: string, password: string, offered: string): string {
  const hypervisor = join(directory, 'hypervisor.xml');
  const account = join(directory, 'zdms.conf');
  writeFileSync(hypervisor, hypervisorThatAsksFor(password));
  writeFileSync(
    account,
    `[credentials-zdms]\nauthname=zdms\npassword=${offered}\n[auth-test-localhost]\ncredentials=zdms\n`,
    { mode: 0o600 },
  );
  return `test://${hypervisor}?authfile=${account}`;
}

function hypervisorThatAsksFor(password: string): string {
  return `<node>
  <auth><user password="${password}">zdms</user></auth>
  <domain type="test"><name>test</name><memory>1024</memory><os><type>hvm</type></os></domain>
</node>
`;
}
