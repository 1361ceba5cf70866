#!/bin/sh
# Is the mirror in DIR as make mirror left it? Compares its files with DIR/SHA256SUMS and names
# those that are changed, missing, or extra: not of the mirror. That finds damage, not fraud:
# who can change a file can change the list. A build takes no file but by the pin in
# upstream.lock. Exit 0 nothing differs, 1 something does, or DIR has no such list.
. "$(dirname "$0")/../lib.sh"
[ $# = 0 ] && [ "${DIR:-}" ] || usage "make mirror-verify DIR=directory"
case $DIR in /*) ;; *) DIR=$PWD/$DIR ;; esac
list=$DIR/SHA256SUMS
[ -f "$list" ] || die "$list" "does not exist" "make mirror DIR=$DIR fills the directory and writes it"
# the names are those of files in DIR itself
! grep -qvE '^[0-9a-f]{64}  [A-Za-z0-9_+][A-Za-z0-9_+.~-]*$' "$list" ||
	die "$list" "is not a list of sums of a mirror's files" "make mirror DIR=$DIR writes it again"
tempdir

# differences - a line each
differences() {
	while read -r digest name; do
		if [ ! -f "$DIR/$name" ]; then
			echo "missing: $name"
		elif [ "$(sha256 "$DIR/$name")" != "$digest" ]; then
			echo "changed: $name"
		fi
	done <"$list"
	(cd "$DIR" && find . -mindepth 1 ! -type d ! -path ./SHA256SUMS -printf '%P\n') | sort >"$tmp/there"
	cut -c 67- "$list" | sort | comm -13 - "$tmp/there" | sed 's/^/extra: /'
}

differences >"$tmp/differences"
if [ -s "$tmp/differences" ]; then
	die_list "$DIR" "is not as SHA256SUMS has it:" \
		"make mirror DIR=$DIR replaces what is changed or missing; extra files are not touched" \
		<"$tmp/differences"
fi
say "$DIR: $(wc -l <"$list") files, as SHA256SUMS has them"
