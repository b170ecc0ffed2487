#!/bin/sh
# Role dnf: a host of the Fedora family.
exec "$(dirname "$0")"/rpm-host.sh fedora
