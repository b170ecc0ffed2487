/** Lines of the documents that the lab cannot run, and why. A line that no document has any more is a failure. */
export const notRun: Readonly<Record<string, string>> = {
  'zdms import ansible inventory.ini > hosts.txt': 'there is no Ansible in the lab; test/controller/cli/import runs it',
  'zdms import ansible inventory.ini --role web lb --label zone=availability_zone rack=rack > hosts.txt':
    'there is no Ansible in the lab; test/controller/cli/import runs it',
  'ansible-inventory -i inventory.ini --list > inventory.json': 'there is no Ansible in the lab',
};
