#!/bin/sh
# print-rows.sh ROW... - print rows of port-queue.sh (STATE/rows/N) in columns.
. "$(dirname "$0")/../lib.sh"
cat "$@" | awk -F '\t' '{
	patch = $1; sub(/^.* /, "", patch)
	kind = $1; sub(/ [^ ]*$/, "", kind)
	if (kind == "upstream") kind = "already upstream"
	printf "  %-16s %s%s\n", kind, patch, $2 == "" ? "" : ": " $2
}'
