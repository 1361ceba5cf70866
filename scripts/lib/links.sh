# shellcheck shell=sh
# The link entries of upstream.lock, sourced after lib.sh.

# links - the link entries of upstream.lock, patches of somebody else's, a line
# "NAME SHA256 PATCH-IDS LINES URL" each with tabs between, "-" for what an entry
# lacks; a key that is there twice has two words, as in check_pin
links() {
	entries=$(git config -f "$lockfile" --list) || die upstream.lock "git cannot read it"
	printf '%s\n' "$entries" | awk -v OFS='\t' '
		!/^link\./ { next }
		{
			end = index($0, "=")
			value = substr($0, end + 1)
			match($0, /^[^=]*\./)
			name = RLENGTH > 6 ? substr($0, 6, RLENGTH - 6) : "-"
			key = name SUBSEP substr($0, RLENGTH + 1, end - RLENGTH - 1)
			if (!(name in seen)) order[++n] = name
			seen[name]
			if (key in has) value = has[key] " " value
			has[key] = value
		}
		function of(name, key) { key = name SUBSEP key; return has[key] == "" ? "-" : has[key] }
		END {
			for (i = 1; i <= n; i++)
				print order[i], of(order[i], "sha256"), of(order[i], "patch-id"), of(order[i], "lines"), of(order[i], "url")
		}'
}

# linked NAME - has the patch a link entry?
linked() { links | cut -f 1 | grep -qxF -- "$1"; }

# link_file NAME SHA256 - the link's file in build/cache and in a mirror
link_file() {
	part=${1##*/}
	printf '%s-%s.patch\n' "${part%.patch}" "$(printf %.12s "$2")"
}
