#!/bin/sh
# configure.sh STATE - make and check the new line's .config in STATE/project, first with
# every optional feature, from the Kconfig files that scratch.sh extracted, and add to
# STATE/config.report what is new: the options that are on by default and that the old
# line's .config did not have.
# Exit 0; 1 when options do not have the requested value. Called by port-config.sh.
. "$(dirname "$0")/../lib.sh"
[ $# = 1 ] || usage "LTS=x.y configure.sh STATE"
state=$1
from=$(cat "$state/from")
report=$state/config.report
tempdir
cd "$state/project"

# kconfig_tree LINE FILES TAG - build/LINE/src is FILES and the patched files of TAG: enough
# for kconfig, not a tree to build from
kconfig_tree() {
	tree=build/$1/src
	[ ! -f "$tree/.queue/verified" ] || return 0
	mkdir -p "build/$1" "$2/.queue"
	rm -rf "$tree"
	ln -s "$2" "$tree"
	git --git-dir="$state/scratch/.git" archive "$3" | tar -xf - -C "$2"
	(cd "$2" && find . -name 'Kconfig*' -type f | sort | xargs sha256sum) | sha256sum |
		tee "$2/.queue/kconfig" >"$2/.queue/index"
}

# configure - the .config of the new line, and of the old one in $before to see what is
# new: /dev/null with another release of the same line, and without the old release
configure() {
	count=$(find "$state/rows" -type f | wc -l)
	kconfig_tree "$LTS" "$state/new.files" "new/$count"
	before=
	if [ "$from" != "$LTS" ] && [ -f "$state/old.files/scripts/kconfig/Makefile" ]; then
		kconfig_tree "$from" "$state/old.files" "old/$count"
		before=build/$from/obj/.config
		(LTS=$from TREE='' ./scripts/config/config.sh >"$state/config.log" 2>&1) &
	fi
	for with in all "${WITH:-}"; do
		LTS=$LTS TREE='' WITH=$with ./scripts/config/config.sh || { wait; exit 1; }
	done
	wait || :
	[ -f "$before" ] || before=/dev/null
}

report_new() {
	awk -F '\t' -f "$root/scripts/rebase/new-options.awk" "$state/old.symbols" "$state/new.symbols" \
		"$before" config/wsl2_defconfig config/features/*.config "config/lines/$LTS.config" \
		"build/$LTS/obj/.config" >"$tmp/new"
	# once, also when this runs again
	{ grep -v '^new ' "$report" || :; cat "$tmp/new"; } >"$report.new"
	mv "$report.new" "$report"
}

configure
report_new
