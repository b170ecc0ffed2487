#!/bin/sh
# Role web: nginx on port 80 in front of zdemo. Run inside the system, with the provisioning files beside this script.
set -eu
here=$(dirname "$0")
dpkg --install "$here"/zdemo.deb
cp "$here"/nginx-site.conf /etc/nginx/sites-available/default
systemctl --quiet enable nginx.service
