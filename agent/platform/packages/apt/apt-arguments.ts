/** How long apt waits for another package manager to finish before it gives up (s). */
const LOCK_TIMEOUT_SECONDS = 600;

/** No question is ever asked: answers would come from nobody. needrestart only lists; restarts are zdms's to order. */
export const aptEnvironment: Readonly<Record<string, string>> = {
  DEBIAN_FRONTEND: 'noninteractive',
  DEBIAN_PRIORITY: 'critical',
  NEEDRESTART_MODE: 'l',
  NEEDRESTART_SUSPEND: '1',
  APT_LISTCHANGES_FRONTEND: 'none',
  UCF_FORCE_CONFFOLD: '1',
};

/** The local conffile wins and the package's new one is kept beside it, as a remark. */
export const keepConffiles: readonly string[] = ['--force-confdef', '--force-confold'];

/**
 * The options of every apt-get call that may install. Phased updates would make hosts differ, so exact versions are never held back;
 * without a pseudo terminal the log is plain text.
 */
export function aptOptions(archives: string): readonly string[] {
  return [
    '-y',
    '-q',
    '--no-remove',
    ...keepConffiles.flatMap((option) => ['-o', `Dpkg::Options::=${option}`]),
    ...['-o', `DPkg::Lock::Timeout=${LOCK_TIMEOUT_SECONDS}`],
    ...['-o', 'Dpkg::Use-Pty=0'],
    ...['-o', 'Acquire::Retries=3'],
    ...['-o', 'Acquire::http::Timeout=30'],
    ...['-o', 'APT::Get::Always-Include-Phased-Updates=true'],
    ...['-o', `Dir::Cache::archives=${archives}/`],
  ];
}
