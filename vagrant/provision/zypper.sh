#!/bin/sh
# Role zypper: a host of the SUSE family.
exec "$(dirname "$0")"/rpm-host.sh suse
