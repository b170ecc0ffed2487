/**
 * What dnf 4 is asked through its documented Python interface (docs: "DNF API Reference"), because its command line answers in prose: what a
 * transaction would do, what is on offer with digest and advisories, whether the last transaction was finished. It changes nothing but
 * files in the archive directory (`download`). Arguments: question and JSON; the answer is the last line of standard output, JSON.
 *
 * Everything here works from the metadata that is in the cache; `dnf makecache` fetches them. Errors: {"code", "message"}.
 */
export const dnfQuestion = String.raw`
import glob, json, os, sys
import dnf, dnf.exceptions, dnf.rpm, dnf.selector, hawkey

class Refused(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code

def open_base(archives):
    base = dnf.Base()
    base.conf.read()
    base.conf.releasever = dnf.rpm.detect_releasever(base.conf.installroot)
    base.conf.substitutions.update_from_etc(base.conf.installroot)
    base.conf.assumeyes = True
    base.conf.keepcache = True
    base.init_plugins()
    base.pre_configure_plugins()
    base.read_all_repos()
    base.configure_plugins()
    for repo in base.repos.iter_enabled():
        repo.pkgdir = os.path.join(archives, 'incoming')
    return base

def fill(base, offline):
    if offline:
        base.fill_sack(load_system_repo=True, load_available_repos=False)
    else:
        base.fill_sack_from_repos_in_cache()

def native(base):
    return [base.conf.substitutions['arch'], base.conf.substitutions['basearch'], 'noarch']

def everything(base):
    return base.sack.query(flags=hawkey.IGNORE_REGULAR_EXCLUDES)

def installed_by_name(base):
    found = {}
    for one in everything(base).installed().filter(arch=native(base)):
        if one.name != 'gpg-pubkey' and (one.name not in found or found[one.name] < one):
            found[one.name] = one
    return found

def digest(package):
    kind, value = package.chksum or (0, b'')
    return value.hex() if value and hawkey.chksum_name(kind) == 'sha256' else ''

def kind_of(advisory):
    return {hawkey.ADVISORY_SECURITY: 'security', hawkey.ADVISORY_BUGFIX: 'bugfix',
            hawkey.ADVISORY_ENHANCEMENT: 'enhancement'}.get(advisory.type, 'other')

def advisories_of(package):
    found = []
    for advisory in package.get_advisories(hawkey.GT):
        versions = sorted({one.evr for one in advisory.packages if one.name == package.name})
        cves = sorted({one.id for one in advisory.references if one.type == hawkey.REFERENCE_CVE and one.id})
        found.append({'id': advisory.id, 'kind': kind_of(advisory), 'severity': advisory.severity or '',
                      'cves': cves, 'versions': versions})
    return found

def survey(base, asked):
    fill(base, False)
    offered = {}
    for one in everything(base).available().filter(arch=native(base)):
        offered.setdefault(one.name, []).append(one)
    allowed = {one for one in base.sack.query().available()}
    answer = []
    for name, here in sorted(installed_by_name(base).items()):
        versions = [one for one in sorted(offered.get(name, []), reverse=True) if one.arch in (here.arch, 'noarch') or here.arch == 'noarch']
        offers = [one for one in versions if one.evr != here.evr]
        if not offers:
            continue
        best = next((one for one in offers if one in allowed and one > here), here)
        answer.append({'name': name, 'installed': here.evr, 'candidate': best.evr,
                       'held': any(one not in allowed for one in offers),
                       'isOffered': len(offers) < len(versions),
                       'offers': [{'version': one.evr, 'sha256': digest(one), 'downloadBytes': one.downloadsize, 'origin': one.reponame} for one in offers],
                       'advisories': advisories_of(here)})
    return {'packages': answer}

def held(base, asked):
    fill(base, False)
    allowed = {one for one in base.sack.query().available()}
    offered = everything(base).available().filter(name=asked['names'], arch=native(base))
    here = {name: one.evr for name, one in installed_by_name(base).items()}
    return {'held': sorted({one.name for one in offered if one not in allowed and one.evr != here.get(one.name)})}

def add_kept(base, archives):
    kept = sorted(glob.glob(os.path.join(archives, '*.rpm')))
    return base.add_remote_rpms(kept) if kept else []

def choose(base, wanted, kept):
    same = [one for one in kept if one.name == wanted['name'] and one.evr == wanted['version']]
    found = same or list(base.sack.query().available().filter(name=wanted['name'], evr=wanted['version'], arch=native(base)))
    if found:
        return found[0]
    text = '%s %s' % (wanted['name'], wanted['version'])
    if everything(base).available().filter(name=wanted['name'], evr=wanted['version']):
        raise Refused('package-held', text + ' is excluded by a version lock or by the configuration of dnf')
    raise Refused('version-unobtainable', text + ' is in no repository of this host')

def resolve(base, asked):
    fill(base, asked['offline'])
    kept = add_kept(base, asked['archives'])
    for wanted in asked['targets']:
        base.package_install(choose(base, wanted, kept))
    try:
        base.resolve(allow_erasing=True)
    except dnf.exceptions.DepsolveError as error:
        raise Refused('unmet-dependencies', str(error))
    comes = list(base.transaction.install_set)
    names = {one.name for one in comes}
    return {'install': [describe(one) for one in comes],
            'remove': sorted({one.name for one in base.transaction.remove_set if one.name not in names})}

def describe(package):
    is_file = package.reponame == hawkey.CMDLINE_REPO_NAME
    return {'name': package.name, 'version': package.evr, 'downloadBytes': 0 if is_file else package.downloadsize,
            'kept': is_file}

def check_signature(base, package):
    result, message = base.package_signature_check(package)
    if result == 1:
        base.package_import_key(package)
        result, message = base.package_signature_check(package)
    if result != 0:
        os.unlink(package.localPkg())
        raise Refused('download-failed', '%s: %s' % (package, message))

def download(base, asked):
    fill(base, False)
    found, missing = [], []
    for wanted in asked['packages']:
        same = everything(base).available().filter(name=wanted['name'], evr=wanted['version'], arch=native(base))
        (found.append(same[0]) if same else missing.append(wanted))
    if found:
        base.download_packages(found)
    for package in found:
        check_signature(base, package)
    return {'missing': missing}

def history(base, asked):
    last = base.history.last()
    if last is None or last.end_timestamp:
        return {'unfinished': None}
    return {'unfinished': {'id': last.tid, 'commandLine': str(last.cmdline or '')}}

def main():
    question, asked = sys.argv[1], json.loads(sys.argv[2])
    ask = {'survey': survey, 'held': held, 'resolve': resolve, 'download': download, 'history': history}[question]
    try:
        with open_base(asked['archives']) as base:
            answer = ask(base, asked)
    except Refused as error:
        answer = {'code': error.code, 'message': str(error)}
    except dnf.exceptions.DownloadError as error:
        answer = {'code': 'download-failed', 'message': str(error)}
    except dnf.exceptions.Error as error:
        answer = {'code': 'package-manager-failed', 'message': str(error)}
    print(json.dumps(answer))

main()
`;
