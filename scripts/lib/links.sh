# shellcheck shell=sh
# The link entries of upstream.lock, which pin external patches; sourced after lib.sh.

# links [check LINE] - the rows of link-entries, "NAME SHA256 PATCH-IDS LINES URL" with tabs
# between. check: if an entry is invalid, the error instead, and status 3.
# shellcheck disable=SC2120 # queue/links.sh passes them
links() {
	# most projects have none, and need no tool
	git config -f "$lockfile" --get-regexp '^link\.' >/dev/null || {
		[ $? = 1 ] || die upstream.lock "git cannot read it"
		return 0
	}
	link_entries=$(tool link-entries)
	git config -z -f "$lockfile" --list | "$link_entries" "$@"
}

# is_external NAME - is the patch external: does upstream.lock have a link entry for it?
is_external() {
	git config -f "$lockfile" --name-only --get-regexp '^link\.' |
		sed 's/^link\.//; s/\.[a-z0-9-]*$//' | grep -qxF -- "$1"
}

# link_file NAME SHA256 - the name of the patch's file in build/cache and in a mirror
link_file() {
	part=${1##*/}
	printf '%s-%s.patch\n' "${part%.patch}" "$(printf %.12s "$2")"
}
