#!/bin/sh
# Every shell script of the project passes shellcheck, one row per file.
. "$(dirname "$0")/../lib/tap.sh"
cd "$(dirname "$0")/../.."
if ! command -v shellcheck >/dev/null; then
	echo "1..0 # SKIP shellcheck is not installed"
	exit 0
fi
set -- scripts/*.sh scripts/*/*.sh scripts/*.bash tests/*/*.sh tests/guest/scripts/*.sh .github/*.sh tests/*/*.t \
	tests/unit/release/scripts/kconfig/*.sh .ci/run tests/wsl-cmdline
plan $#
for file; do
	rc=0
	out=$(shellcheck -x -P SCRIPTDIR "$file" 2>&1) || rc=$?
	ok "$rc" "$file"
	[ "$rc" = 0 ] || note "$out"
done
