# shellcheck shell=sh
# The lines that can be tested here, sourced by the checks after tap.sh. Gives $root and
#   can_fetch LINE              is its source available? Otherwise prints why not
#   for_line LINE COMMAND...    run it with LTS=LINE, and with TREE only if that is a tree of LINE
#   show_for_line LINE COMMAND...  the same, with its output as comments
#   pinned_lines                the lines of upstream.lock, one requested by LTS= first, then
#                               the newest first
#   pick_line                   $line is the first of them whose source is available, and
#                               $work a temporary directory, whose out a red row shows
root=$(cd "$(dirname "$0")/../.." && pwd -P)

# tree_is_of LINE - is TREE= a tree of LINE?
tree_is_of() { [ "${TREE:-}" ] && LTS=$1 "$root/scripts/tree/check-tree.sh" 2>/dev/null; }

can_fetch() {
	! tree_is_of "$1" || return 0
	why=$(LTS=$1 TREE='' "$root/scripts/source/fetch.sh" 2>&1 >/dev/null) && return 0
	printf '# the source of %s is not available:\n' "$1" >&2
	printf '%s\n' "$why" | sed 's/^/#   /' >&2
	return 1
}

for_line() {
	chosen=$1
	shift
	if tree_is_of "$chosen"; then
		LTS=$chosen "$@"
	else
		LTS=$chosen TREE='' "$@"
	fi
}

show_for_line() {
	status=$(mktemp)
	{ for_line "$@" 2>&1 || echo $? >"$status"; } | sed 's/^/# /'
	code=$(cat "$status")
	rm -f "$status"
	return "${code:-0}"
}

pinned_lines() {
	[ -z "${LTS:-}" ] || echo "$LTS"
	git config -f "$root/upstream.lock" --name-only --get-regexp '^line\..*\.version$' |
		sed 's/^line\.//; s/\.version$//' | sort -rV | grep -vxF -- "${LTS:-none}" || :
}

finish() { [ -z "${work:-}" ] || rm -rf "$work"; }

pick_line() {
	work=$(mktemp -d)
	tap_seen=out
	for line in $(pinned_lines); do ! can_fetch "$line" || return 0; done
	plan 1
	ok 1 "the source of a line is available"
	exit 1
}
