#!/bin/sh
# Every shell script of the project is clean by shellcheck, one row a file.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd -P)
cd "$root" || exit 1
set -- scripts/*.sh scripts/*/*.sh tests/*/*.sh tests/guest/scripts/*.sh .github/*.sh tests/*/*.t tests/unit/release/scripts/kconfig/*.sh .ci/run
if ! command -v shellcheck >/dev/null; then
	echo "1..0 # SKIP shellcheck is not installed"
	exit 0
fi
echo "1..$#"
n=0
for file; do
	n=$((n + 1))
	out=$(shellcheck -x -P SCRIPTDIR "$file" 2>&1) || { printf '%s\n' "$out" | sed 's/^/# /' >&2; printf 'not '; }
	echo "ok $n - $file"
done
