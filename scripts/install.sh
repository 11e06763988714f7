#!/bin/sh
# Brings node_modules to what package-lock.json says. `npm ci` would refuse a lock file that lacks another platform's
# optional packages (docs/adr/0003), so: `npm install` without saving.
set -eu
echo "Installing dependencies (once, about a minute) …"
npm install --no-save --no-audit --no-fund --loglevel=error
cp package-lock.json node_modules/.bud-installed-lock
