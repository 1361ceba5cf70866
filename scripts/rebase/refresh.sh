# shellcheck shell=sh
# The ported patch as a file, sourced by port-queue.sh. Reads $tmp $patches $ported.

# print_header PATCH-FILE - the text above the diff, with the new line in its Lines:
print_header() {
	awk -v line="$LTS" '
		/^(--- |diff |Index: )/ && !/^---$/ { exit }
		/^Lines: / {
			n = split($0, has, /[, ]+/)
			for (i = 2; i <= n; i++) if (has[i] == line) known = 1
			if (!known) $0 = $0 (/,/ ? ", " : " ") line
		}
		{ print }' "$1"
}

# refresh_patch N PATCH - write it to $ported: the header, and the difference of new/N-1 and
# new/N as `quilt refresh -p ab --no-timestamps --no-index` writes it
refresh_patch() {
	quilt=$tmp/quilt
	rm -rf "$quilt"
	mkdir -p "$quilt/patches/$(dirname "$2")" "$ported/$(dirname "$2")"
	g diff --no-renames --name-only "refs/tags/new/$(($1 - 1))" "refs/tags/new/$1" >"$tmp/changed"
	(
		cd "$quilt" || exit
		check_out "new/$(($1 - 1))"
		run_quilt "$2" new "$2"
		while read -r file; do run_quilt "$2" add "$file"; done <"$tmp/changed"
		check_out "new/$1"
		run_quilt "$2" refresh -p ab --no-timestamps --no-index
	)
	{
		print_header "$patches/$2"
		cat "$quilt/patches/$2"
	} >"$ported/$2.new"
	mv "$ported/$2.new" "$ported/$2"
}

# check_out TAG - the files of $tmp/changed as TAG has them, into the current directory
check_out() {
	while read -r file; do
		mkdir -p "$(dirname "$file")"
		g show "refs/tags/$1:$file" >"$file" 2>/dev/null || rm -f "$file"
	done <"$tmp/changed"
}

# run_quilt PATCH ARG... - quilt without the user's settings
run_quilt() {
	name=$1
	shift
	QUILT_DIFF_OPTS=--show-c-function quilt --quiltrc - "$@" >"$tmp/log" 2>&1 ||
		die "$name" "quilt cannot refresh it" "$(tail -n 1 "$tmp/log")"
}
