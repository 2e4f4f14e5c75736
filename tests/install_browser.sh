#!/bin/sh
# Tests drive a real Chromium. If the machine has none, it is installed from the system's packages.
set -eu
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if ! command -v apt-get >/dev/null 2>&1; then
    echo "The tests need Chromium: install it with your system's package manager, then run this again." >&2
    exit 1
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then as_root=sudo; fi
echo "Installing Chromium and a font from the system's packages (chromium, fonts-dejavu-core) ..."
$as_root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
