#!/bin/sh
# Every C file is formatted as .clang-format says, one row per file. Only clang-format 14 is
# used: other versions break some lines differently.
. "$(dirname "$0")/../lib/tap.sh"
cd "$(dirname "$0")/../.." || exit 1
files=$(find tools tests -name '*.[ch]' | sort)
version=$(clang-format --version 2>/dev/null | sed -n 's/.*version \([0-9]*\).*/\1/p') || :
if [ "$version" != 14 ]; then
	plan 1
	skip 1 "needs clang-format 14, found ${version:-none}"
	exit
fi
# shellcheck disable=SC2086 # a list
set -- $files
plan $#
for file; do
	out=$(clang-format --dry-run -Werror "$file" 2>&1 | head -n 5)
	is "$out" "" "$file"
done
