#!/bin/sh
# Role lb: HAProxy; its configuration names the web hosts and so comes with the host's disk layer.
set -eu
systemctl --quiet enable haproxy.service
