# shellcheck shell=sh
# Which lines can be tested here? Sourced by the checks.
# had LINE - true when LINE's source can be had: TREE is one of it, or fetch.sh
# brings it; otherwise the reason is printed on standard error, where prove shows it.
had() {
	if [ "${TREE:-}" ]; then
		LTS=$1 "$root/scripts/tree/check-tree.sh" 2>/dev/null && return 0
	fi
	why=$(LTS=$1 TREE='' "$root/scripts/source/fetch.sh" 2>&1 >/dev/null) && return 0
	printf '# %s cannot be had here:\n' "$1" >&2
	printf '%s\n' "$why" | sed 's/^/#   /' >&2
	return 1
}

# on LINE COMMAND... - run it for LINE, with TREE only where TREE is of LINE
on() {
	name=$1
	shift
	if [ "${TREE:-}" ] && LTS=$name "$root/scripts/tree/check-tree.sh" 2>/dev/null; then
		LTS=$name "$@"
	else
		LTS=$name TREE='' "$@"
	fi
}

# pinned - the lines of upstream.lock, one asked for by LTS= first
pinned() {
	asked=${LTS:-}
	all=$(git config -f "$root/upstream.lock" --name-only --get-regexp '^line\..*\.version$' |
		sed 's/^line\.//; s/\.version$//')
	[ -z "$asked" ] || echo "$asked"
	printf '%s\n' "$all" | grep -vxF -- "${asked:-none}" || :
}

# run LINE COMMAND... - the same with the output as comments; its exit status
run() {
	status=$(mktemp)
	{ on "$@" 2>&1 || echo $? >"$status"; } | sed 's/^/# /'
	rc=$(cat "$status")
	rm -f "$status"
	return "${rc:-0}"
}

# pick - $line is from now on the first line that can be had; with none the test
# ends here and has failed
pick() {
	for line in $(pinned); do ! had "$line" || return 0; done
	printf '1..1\nnot ok 1 - the source of a line can be had\n'
	exit 1
}
