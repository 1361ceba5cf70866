#!/bin/sh
# port-config.sh STATE - give the new line its configuration, in STATE/project/config:
# what the files of the old line say (lines/, features/NAME.LINE.config,
# debug.LINE.config) under the new line's name, and the old line's entries of
# devices.list and omitted.list. An option that the new release does not have is left
# out, or becomes the one that has taken its place (kconfig-symbols); where a file of all
# lines asks for it, the new line's own file says that it is not there. Then kconfig
# completes it, from the Kconfig files of scratch.sh, and config.sh judges it.
# Writes STATE/config.report, a line each: "gone|renamed|new SYMBOL: what and why".
# Exit 0; 1 when options did not come out: a person mends STATE/project/config.
. "$(dirname "$0")/../lib.sh"
[ $# = 1 ] || usage "LTS=x.y port-config.sh STATE"
state=$1
from=$(cat "$state/from")
project=$state/project
config=$project/config
report=$state/config.report
tempdir
cd "$project"

# carried FILE AS - FILE under its new name, without what is gone. A comment goes with
# the last of the options it speaks of.
carried() {
	[ -f "$1" ] && [ ! -e "$2" ] || return 0
	awk -v from="$from" -v line="$LTS" -v report="$report" -v name="$2" '
		function flush(i) {
			if (!gone || kept) for (i = 1; i <= n; i++) print text[i]
			n = gone = kept = asked = 0
		}
		FILENAME == ARGV[1] { place[$1] = $2; next }
		FNR == 1 { gsub(/\./, "\\.", from); gsub(from, line) }
		{
			symbol = ""
			if (match($0, /^CONFIG_[A-Za-z0-9_]+=/)) symbol = substr($0, 8, RLENGTH - 8)
			else if ($0 ~ /^# CONFIG_[A-Za-z0-9_]+ is not set$/) symbol = substr($2, 8)
			if (symbol == "") {
				if (asked || $0 == "") flush()
				text[++n] = $0
				if ($0 == "") flush()
				next
			}
			asked = 1
			if (!(symbol in place)) { text[++n] = $0; kept++ }
			else if (place[symbol] == "-") { gone++; print "gone " symbol ": left out of " name ", no Kconfig of the new release defines it" >>report }
			else {
				sub("CONFIG_" symbol, "CONFIG_" place[symbol]); text[++n] = $0; kept++
				print "renamed " symbol ": " place[symbol] " in " name ", which has its prompt" >>report
			}
		}
		END { flush() }' "$state/symbols" "$1" >"$tmp/file"
	mv "$tmp/file" "$2"
}

if [ ! -f "$state/config.carried" ]; then
	: >"$report"
	for file in config/features/*."$from".config config/debug."$from".config config/lines/"$from".clang.config; do
		carried "$file" "${file%".$from"*}.$LTS${file##*".$from"}"
	done
	carried "config/lines/$from.clang.config" "config/lines/$LTS.clang.config"
	own=config/lines/$LTS.config
	[ -f "config/lines/$from.config" ] || [ -f "$own" ] || echo "# Only what $LTS must say differently." >"$own"
	carried "config/lines/$from.config" "$own"
	# what files of all lines ask for and is not there any more
	# shellcheck disable=SC2046 # names of ours, without blanks
	awk '
		FILENAME == ARGV[1] { place[$1] = $2; next }
		match($0, /^CONFIG_[A-Za-z0-9_]+=/) { s = substr($0, 8, RLENGTH - 8); v = substr($0, RLENGTH + 1) }
		/^# CONFIG_[A-Za-z0-9_]+ is not set$/ { s = substr($2, 8); v = "n" }
		s != "" && s in place && !(s in seen) { seen[s]; print s, v, place[s], FILENAME }
		{ s = "" }' "$state/symbols" $(for file in config/wsl2_defconfig config/features/*.config config/debug.config; do
			name=${file##*/}
			case ${name%.config} in *.*) ;; *) [ ! -f "$file" ] || echo "$file" ;; esac
		done) >"$tmp/gone"
	grep -v ' n - ' "$tmp/gone" | while read -r symbol value place file; do
		case $file in *debug.config) into=config/debug.$LTS.config ;; *) into=$own ;; esac
		[ -f "$into" ] || echo "# DEBUG=1, $LTS only." >"$into"
		! grep -qE "^(# )?CONFIG_${symbol}[ =]" "$into" || continue
		if [ "$place" = - ]; then
			printf '# %s has no such option; %s asks for it.\n# CONFIG_%s is not set\n' "$LTS" "$file" "$symbol" >>"$into"
			echo "gone $symbol: $file asks for it, no Kconfig of the new release defines it; $into says so" >>"$report"
		else
			printf '# What %s asks for as %s.\n' "$file" "$symbol" >>"$into"
			[ "$value" = n ] || printf '# CONFIG_%s is not set\n' "$symbol" >>"$into"
			if [ "$value" = n ]; then echo "# CONFIG_$place is not set"; else echo "CONFIG_$place=$value"; fi >>"$into"
			echo "renamed $symbol: $place, which has its prompt, in $into" >>"$report"
		fi
	done
	for list in config/devices.list config/omitted.list; do
		[ ! -f "$list" ] || awk -v from="$from" -v line="$LTS" '
			!/^#/ && NF > 2 && index("," $2 ",", "," from ",") && !index("," $2 ",", "," line ",") {
				has = $2; at = index($0, " " has " ") + length(has) + 1
				rest = substr($0, at)
				# columns keep where they stand, as far as there is room
				for (i = length(line) + 1; i > 0 && rest ~ /^  /; i--) rest = substr(rest, 2)
				$0 = substr($0, 1, at - 1) "," line rest
			}
			{ print }' "$list" >"$tmp/list"
		[ ! -f "$list" ] || cat "$tmp/list" >"$list"
	done
	rm -rf "$state/config.auto"
	cp -R config "$state/config.auto"
	# what a person has added to it once
	if [ -f "$state/solved/config.diff" ]; then
		if patch -p1 -d config --dry-run -f -F0 -s <"$state/solved/config.diff" >"$tmp/log" 2>&1; then
			patch -p1 -d config -f -F0 -s --no-backup-if-mismatch <"$state/solved/config.diff"
			echo "as before: patches/solved/$LTS/config.diff" >>"$report"
		else
			warn "patches/solved/$LTS/config.diff" "does not fit any more, and was not used: $(head -n 1 "$tmp/log")"
		fi
	fi
	: >"$state/config.carried"
fi

# ---- kconfig, in a tree that has what it reads and nothing else

# reading LINE FILES TAG - build/LINE/src is FILES, with the patches
reading() {
	tree=build/$1/src
	[ ! -f "$tree/.queue/verified" ] || return 0
	mkdir -p "build/$1" "$2/.queue"
	rm -rf "$tree"
	ln -s "$2" "$tree"
	git --git-dir="$state/scratch/.git" archive "$3" | tar -xf - -C "$2"
	(cd "$2" && find . -name 'Kconfig*' -type f | sort | xargs sha256sum) | sha256sum | tee "$2/.queue/kconfig" >"$2/.queue/index"
}
count=$(find "$state/rows" -type f | wc -l)
reading "$LTS" "$state/new.files" "new/$count"
# what was on before, to see what is new: not with another release of the same line, and
# not when the old one cannot be had
before=
if [ "$from" != "$LTS" ] && [ -f "$state/old.files/scripts/kconfig/Makefile" ]; then
	reading "$from" "$state/old.files" "old/$count"
	before=build/$from/obj/.config
	(LTS=$from TREE='' ./scripts/config/config.sh >"$state/config.log" 2>&1) &
fi
LTS=$LTS TREE='' ./scripts/config/config.sh || { wait; exit 1; }
wait || :
[ -f "$before" ] || before=/dev/null
awk -F '\t' '
	function on() { return match($0, /^CONFIG_[A-Za-z0-9_]+=[ym]$/) ? substr($0, 8, RLENGTH - 9) : "" }
	FILENAME == ARGV[1] { old[$1]; next }
	FILENAME == ARGV[2] { if ($2 != "") prompt[$1] = $2; next }
	FILENAME == ARGV[3] { if (on() != "") was[on()]; known = 1; next }
	FILENAME != ARGV[ARGC - 1] { if (on() != "") asked[on()]; next }
	on() != "" && on() in prompt && !(on() in asked) && (known ? !(on() in was) : !(on() in old)) {
		p = prompt[on()]; sub(/^[^:]*: /, "", p)
		print "new " on() ": " substr($0, length($0)) ", by default" (on() in old ? ", which has changed" : "") ": \"" p "\""
	}' "$state/old.symbols" "$state/new.symbols" "$before" config/wsl2_defconfig config/features/*.config \
	"config/lines/$LTS.config" "build/$LTS/obj/.config" >"$tmp/new"
# not twice when it is run again
{ grep -v '^new ' "$report" || :; cat "$tmp/new"; } >"$report.new"
mv "$report.new" "$report"

# ---- what a person has added is there to be used again
ln -sfn "$state/config.auto" "$tmp/a"
ln -sfn "$config" "$tmp/b"
(cd "$tmp" && diff -ruN a b) | sed '/^diff -ruN /d; /^--- /s/	.*//; /^+++ /s/	.*//' >"$tmp/diff"
if [ -s "$tmp/diff" ]; then
	mkdir -p "$state/solutions"
	cp "$tmp/diff" "$state/solutions/config.diff"
fi
