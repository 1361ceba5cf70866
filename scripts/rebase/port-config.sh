#!/bin/sh
# port-config.sh STATE - give the new line its configuration, in STATE/project/config.
# The old line's files (lines/, NAME.LINE.config of features/ and optional/,
# debug.LINE.config) and its entries of devices.list, omitted.list and cmdline.list are
# copied under the new line's name. An option that the new release does not define is left
# out or becomes its replacement (STATE/symbols); if a file of all lines requests it, the new
# line's own file turns it off. Then configure.sh makes and checks the .config.
# Writes STATE/config.report, a line each: "gone|renamed|new SYMBOL: what and why".
# Exit 0; 1 when options do not have the requested value: fix STATE/project/config.
. "$(dirname "$0")/../lib.sh"
[ $# = 1 ] || usage "LTS=x.y port-config.sh STATE"
state=$1
from=$(cat "$state/from")
project=$state/project
config=$project/config
report=$state/config.report
own=config/lines/$LTS.config
tempdir
cd "$project"

# port_fragment FILE AS - FILE under its new name, if it does not exist yet
port_fragment() {
	[ -f "$1" ] && [ ! -e "$2" ] || return 0
	awk -v from="$from" -v line="$LTS" -v report="$report" -v name="$2" \
		-f "$root/scripts/rebase/port-fragment.awk" "$state/symbols" "$1" >"$tmp/file"
	mv "$tmp/file" "$2"
}

port_fragments() {
	for file in config/features/*."$from".config config/optional/*."$from".config \
		config/debug."$from".config \
		config/lines/"$from".clang.config; do
		port_fragment "$file" "${file%".$from"*}.$LTS${file##*".$from"}"
	done
	port_fragment "config/lines/$from.clang.config" "config/lines/$LTS.clang.config"
	[ -f "config/lines/$from.config" ] || [ -f "$own" ] ||
		echo "# Only what $LTS must say differently." >"$own"
	port_fragment "config/lines/$from.config" "$own"
}

# shared_fragments - the names of the files that all lines read
shared_fragments() {
	for file in config/wsl2_defconfig config/features/*.config config/optional/*.config \
		config/debug.config; do
		name=${file##*/}
		case ${name%.config} in *.*) ;; *) [ ! -f "$file" ] || echo "$file" ;; esac
	done
}

# gone_requests - "SYMBOL VALUE REPLACEMENT FILE" for each option that a shared file requests
# and the new release does not define
gone_requests() {
	# shellcheck disable=SC2046 # our own names, without blanks
	awk '
		FILENAME == ARGV[1] { replacement[$1] = $2; next }
		match($0, /^CONFIG_[A-Za-z0-9_]+=/) { s = substr($0, 8, RLENGTH - 8); v = substr($0, RLENGTH + 1) }
		/^# CONFIG_[A-Za-z0-9_]+ is not set$/ { s = substr($2, 8); v = "n" }
		s in replacement && !(s in seen) { seen[s]; print s, v, replacement[s], FILENAME }
		{ s = "" }' "$state/symbols" $(shared_fragments)
}

# override SYMBOL VALUE REPLACEMENT FILE - in the new line's own file, for FILE serves all
# lines; that of debugging or of an optional feature, if FILE is theirs
override() {
	into=$own title=
	case $4 in
	*debug.config) into=config/debug.$LTS.config title="DEBUG=1" ;;
	config/optional/*) into=${4%.config}.$LTS.config title=$(basename "$4" .config) ;;
	esac
	[ -f "$into" ] || echo "# $title, $LTS only." >"$into"
	! grep -qE "^(# )?CONFIG_$1[ =]" "$into" || return 0
	if [ "$3" = - ]; then
		printf '# %s has no such option; %s asks for it.\n# CONFIG_%s is not set\n' "$LTS" "$4" "$1" >>"$into"
		echo "gone $1: $4 requests it, no Kconfig of the new release defines it; turned off in $into" >>"$report"
		return
	fi
	printf '# What %s asks for as %s.\n' "$4" "$1" >>"$into"
	if [ "$2" = n ]; then
		echo "# CONFIG_$3 is not set" >>"$into"
	else
		printf '# CONFIG_%s is not set\nCONFIG_%s=%s\n' "$1" "$3" "$2" >>"$into"
	fi
	echo "renamed $1: $3, which has its prompt, in $into" >>"$report"
}

port_lists() {
	for list in config/devices.list config/omitted.list config/cmdline.list; do
		[ -f "$list" ] || continue
		awk -v from="$from" -v line="$LTS" -f "$root/scripts/rebase/port-list.awk" "$list" >"$tmp/list"
		cat "$tmp/list" >"$list"
	done
}

# apply_recorded - repeat the manual changes of an earlier rebase
apply_recorded() {
	recorded=$state/solved/config.diff
	[ -f "$recorded" ] || return 0
	if patch -p1 -d config --dry-run -f -F0 -s <"$recorded" >"$tmp/log" 2>&1; then
		patch -p1 -d config -f -F0 -s --no-backup-if-mismatch <"$recorded"
		echo "as before: patches/solved/$LTS/config.diff" >>"$report"
	else
		warn "patches/solved/$LTS/config.diff" "no longer applies and is not used: $(head -n 1 "$tmp/log")"
	fi
}

# record_changes - record the manual changes for the next rebase
record_changes() {
	ln -sfn "$state/config.auto" "$tmp/a"
	ln -sfn "$config" "$tmp/b"
	(cd "$tmp" && diff -ruN a b) | sed '/^diff -ruN /d; /^--- /s/	.*//; /^+++ /s/	.*//' >"$tmp/diff"
	[ -s "$tmp/diff" ] || return 0
	mkdir -p "$state/solutions"
	cp "$tmp/diff" "$state/solutions/config.diff"
}

if [ ! -f "$state/config.derived" ]; then
	: >"$report"
	port_fragments
	gone_requests >"$tmp/gone"
	while read -r symbol value replacement file; do
		[ "$value $replacement" = "n -" ] || override "$symbol" "$value" "$replacement" "$file"
	done <"$tmp/gone"
	port_lists
	rm -rf "$state/config.auto"
	cp -R config "$state/config.auto"
	apply_recorded
	: >"$state/config.derived"
fi
"$root/scripts/rebase/configure.sh" "$state"
record_changes
