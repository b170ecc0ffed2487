# Sourced by scripts/demo, scripts/test and scripts/lab: brings what a fresh Debian 12 machine lacks.
#
#   source "$(dirname "$0")/lib/bootstrap.sh"
#   bring_packages mmdebstrap systemd-container     # apt packages, only those that are missing
#   bring_node                                      # Node 24 and node_modules; PATH is set for this process and its children
#
# Says nothing when all is there already. Errors end the calling script with exit code 1 and a stable code.

ZDMS_ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
readonly ZDMS_ROOT
readonly ZDMS_NODE_MAJOR=24
# Where bring_programs leaves them.
readonly ZDMS_PROGRAMS=$ZDMS_ROOT/.tools/debian/usr/bin
# Another apt run may hold the lock, on a machine that has just booted for minutes.
readonly ZDMS_APT_LOCK_SECONDS=600
# What `scripts/lab up` needs beyond a minimal Debian; the guests' own packages are in vagrant/provision/packages.txt.
readonly ZDMS_LAB_PACKAGES=(mmdebstrap systemd-container apt-utils gnupg iproute2 openssh-client util-linux rpm createrepo-c btrfs-progs)
# What `scripts/test` asks for an opinion: shells, man, Ansible, Vagrant, clients of management controllers and of libvirt.
# (libvirt-daemon is the program; what would start it is in libvirt-daemon-system.)
# (ipmitool's service is disabled when it is installed; libopenipmi0 and libpopt0 are what the program of openipmi below is linked to.)
readonly ZDMS_TEST_PACKAGES=(zsh fish mandoc ansible-core vagrant vagrant-libvirt dnf zypper btrfs-progs python3-sushy redfishtool ipmitool libopenipmi0
  libpopt0 libvirt-clients libvirt-daemon)
# And packages of which it needs a program, but not the service that would start with it, at once or at the next boot.
readonly ZDMS_TEST_PROGRAMS=(prometheus etcd-server etcd-client openipmi)
# And what `scripts/lab up --backend vagrant` needs beyond those.
readonly ZDMS_VAGRANT_PACKAGES=(vagrant vagrant-libvirt libvirt-daemon-system libvirt-clients libvirt-daemon-driver-qemu qemu-system-x86 qemu-utils dnsmasq-base
  e2fsprogs fdisk tini cpio openipmi ipmitool)

progress() {
  printf '[%s s] %s\n' "$SECONDS" "$*" >&2
}

# fail CODE MESSAGE NEXT
fail() {
  printf '%s: %s\n  next: %s\n' "$1" "$2" "$3" >&2
  exit 1
}

require_root() {
  [ "$(id -u)" = 0 ] || fail ZDMS_ROOT_REQUIRED "$1 needs root" "run it again as root, for example with sudo"
}

# run_quietly LABEL COMMAND...: shows the command's output only when it fails.
run_quietly() {
  local label=$1 log
  shift
  progress "$label"
  log=$(mktemp)
  if "$@" >"$log" 2>&1; then
    rm -f "$log"
    return 0
  fi
  tail -n 30 "$log" >&2
  rm -f "$log"
  return 1
}

missing_packages() {
  local name
  for name in "$@"; do
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || echo "$name"
  done
}

apt_install() {
  DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get -o "DPkg::Lock::Timeout=$ZDMS_APT_LOCK_SECONDS" -o Dpkg::Use-Pty=0 \
    install --yes --no-install-recommends "$@"
}

apt_update() {
  apt-get -o "DPkg::Lock::Timeout=$ZDMS_APT_LOCK_SECONDS" update
}

# bring_packages NAME...: installs those that are missing. Needs root only when something is missing.
bring_packages() {
  local missing
  command -v apt-get >/dev/null || fail ZDMS_APT_MISSING "this machine has no apt-get" "use Debian 12 or later"
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  require_root "installing ${missing[*]}"
  if compgen -G '/var/lib/apt/lists/*Packages*' >/dev/null && run_quietly "apt-get install ${missing[*]}" apt_install "${missing[@]}"; then
    return 0
  fi
  # No package lists yet, or lists so old that the mirror no longer has what they name.
  run_quietly 'apt-get update' apt_update ||
    fail ZDMS_APT_FAILED 'apt-get update failed' 'mend the apt sources of this machine, see the lines above'
  run_quietly "apt-get install ${missing[*]}" apt_install "${missing[@]}" ||
    fail ZDMS_APT_FAILED "could not install ${missing[*]}" 'see the lines above'
}

# bring_programs NAME...: leaves the programs of these packages in ZDMS_PROGRAMS without installing them, so that no service starts.
bring_programs() {
  local folder=$ZDMS_ROOT/.tools/debian name
  for name in "$@"; do
    [ ! -e "$folder/$name.brought" ] || continue
    mkdir -p "$folder/$name" || return
    run_quietly "apt-get download $name" download_package "$name" "$folder/$name" ||
      fail ZDMS_APT_FAILED "could not download $name" 'see the lines above'
    touch "$folder/$name.brought"
  done
}

# download_package NAME FOLDER: leaves what is in it beside the folder.
download_package() {
  (cd "$2" && apt-get download "$1" && dpkg-deb --extract ./*.deb ..) && rm -r "$2"
}

# The major version of the node in PATH; 0 when there is none.
node_major() {
  local version
  version=$(node --version 2>/dev/null) || version=v0.
  version=${version#v}
  echo "${version%%.*}"
}

node_architecture() {
  case $(uname -m) in
    x86_64) echo x64 ;;
    aarch64) echo arm64 ;;
    *) fail ZDMS_ARCHITECTURE_UNKNOWN "no Node for $(uname -m)" 'use x86_64 or aarch64' ;;
  esac
}

# Brings Node 24 into .tools unless it is there, and puts it first in PATH.
bring_own_node() {
  local prefix=$ZDMS_ROOT/.tools home
  home=$prefix/node_modules/node/node_modules/node-linux-$(node_architecture)
  if [ ! -x "$home/bin/node" ]; then
    command -v npm >/dev/null || bring_packages npm ca-certificates
    # The package's own install script is what fetches the runtime, so scripts must be on, whatever ~/.npmrc says.
    run_quietly "npm i node@$ZDMS_NODE_MAJOR (this machine has Node $(node --version 2>/dev/null || echo none))" \
      npm install --no-save --ignore-scripts=false --prefix "$prefix" "node@$ZDMS_NODE_MAJOR" ||
      fail ZDMS_NODE_UNAVAILABLE "npm could not bring Node $ZDMS_NODE_MAJOR" "install Node $ZDMS_NODE_MAJOR by hand, then run this again"
    [ -x "$home/bin/node" ] ||
      fail ZDMS_NODE_UNAVAILABLE "npm brought no $home/bin/node" "install Node $ZDMS_NODE_MAJOR by hand, then run this again"
  fi
  export PATH=$home/bin:$PATH
  # Native modules would otherwise be built against the headers of the machine's own node.
  export npm_config_nodedir=$home
}

bring_node_modules() {
  local stamp=$ZDMS_ROOT/node_modules/.zdms-lock-hash wanted
  wanted="$(sha256sum <"$ZDMS_ROOT/package-lock.json") $(node --version)"
  [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ] || return 0
  # As in a second worktree that borrows those of the first.
  [ ! -L "$ZDMS_ROOT/node_modules" ] ||
    fail ZDMS_NPM_LINK 'node_modules is a link, and npm ci would empty what it leads to' 'remove the link, or copy what it leads to (cp -al)'
  command -v npm >/dev/null || bring_packages npm ca-certificates
  # No dependency may run code at installation; older npm versions do not know `allowScripts`.
  run_quietly 'npm ci' npm --prefix "$ZDMS_ROOT" ci --ignore-scripts ||
    fail ZDMS_NPM_FAILED 'npm ci failed' 'see the lines above; is the registry of your ~/.npmrc reachable?'
  echo "$wanted" >"$stamp"
}

# Node 24 and node_modules. Takes 50 ms when all is there.
bring_node() {
  # Accounts such as nobody have no home that npm could keep its cache in.
  [ -w "${HOME:-/}" ] || export npm_config_cache=$ZDMS_ROOT/.cache/npm
  if [ "$(node_major)" -lt "$ZDMS_NODE_MAJOR" ]; then bring_own_node; fi
  bring_node_modules
}
