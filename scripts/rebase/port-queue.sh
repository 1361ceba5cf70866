#!/bin/sh
# port-queue.sh STATE [continue|skip] - carry the queue of STATE over to the new release, in
# the repository of scratch.sh, a patch after the other. For each one row:
#   clean      it applies as it stands
#   merged     git's three-way merge found its place (or, without the old release,
#              patch(1) did, with fuzz)
#   upstream   the new release has it; it is left out, and the row says how that is known
#   by hand    somebody has solved its conflict, now or once (patches/solved/LINE)
#   skipped    somebody left it out
#   conflict   it waits for one of these two: STATE/conflict has its number, exit 3
# Reads STATE/{queue,from,old,target}; target is the new release's version. Writes
# STATE/rows/N ("KIND PATCH<tab>NOTE"), and what was carried to STATE/out, refreshed by
# quilt. A row is written last, so a run that was cut off is gone on with. Exit 0 done.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/series.sh"
[ $# -ge 1 ] || usage "LTS=x.y port-queue.sh STATE [continue|skip]"
state=$1 how=${2:-}
patches=$state/queue
from=$(cat "$state/from")
target=$(cat "$state/target")
need git quilt patch
mkdir -p "$state/rows" "$state/out"
tempdir
. "$root/scripts/rebase/scratch-git.sh"
. "$root/scripts/rebase/conflict.sh"
scratch=$state/scratch
unset QUILT_PATCHES QUILT_SERIES QUILT_PC QUILT_PATCH_OPTS
three=
! git --git-dir="$scratch/.git" rev-parse -q --verify refs/tags/old/0 >/dev/null || three=1

# row N KIND PATCH NOTE
row() {
	printf '%s %s\t%s\n' "$2" "$3" "$4" >"$state/rows/.new"
	mv "$state/rows/.new" "$state/rows/$1"
	"$root/scripts/rebase/print-rows.sh" "$state/rows/$1"
}

# header FILE - what stands above the diff, with the new line in its Lines:
header() {
	awk -v line="$LTS" '
		/^(--- |diff |Index: )/ && !/^---$/ { exit }
		/^Lines: / {
			n = split($0, has, /[, ]+/)
			for (i = 2; i <= n; i++) if (has[i] == line) known = 1
			if (!known) $0 = $0 (/,/ ? ", " : " ") line
		}
		{ print }' "$1"
}

# refreshed N PATCH - write STATE/out/PATCH: the difference of new/N to the one before,
# as `quilt refresh -p ab --no-timestamps --no-index` has it
refreshed() {
	quilt=$tmp/quilt
	rm -rf "$quilt"
	mkdir -p "$quilt/patches/$(dirname "$2")" "$state/out/$(dirname "$2")"
	g diff --no-renames --name-only "refs/tags/new/$(($1 - 1))" "refs/tags/new/$1" >"$tmp/changed"
	while read -r file; do
		mkdir -p "$quilt/$(dirname "$file")"
		g show "refs/tags/new/$(($1 - 1)):$file" >"$quilt/$file" 2>/dev/null || rm -f "$quilt/$file"
	done <"$tmp/changed"
	header "$patches/$2" >"$tmp/header"
	(
		cd "$quilt"
		q() { QUILT_DIFF_OPTS=--show-c-function quilt --quiltrc - "$@" >"$tmp/log" 2>&1 || die "$2" "quilt cannot refresh it" "$(tail -n 1 "$tmp/log")"; }
		q new "$2"
		while read -r file; do q add "$file"; done <"$tmp/changed"
		while read -r file; do
			g show "refs/tags/new/$1:$file" >"$file" 2>/dev/null || rm -f "$file"
		done <"$tmp/changed"
		q refresh -p ab --no-timestamps --no-index
	)
	cat "$tmp/header" "$quilt/patches/$2" >"$state/out/$2.new"
	mv "$state/out/$2.new" "$state/out/$2"
}

# taken N KIND PATCH NOTE - the scratch's state is the patch's result
taken() {
	g add -A -f .
	after=$(g write-tree)
	if [ "$after" = "$(tree_of "new/$(($1 - 1))")" ]; then
		commit "new/$1" "$after"
		row "$1" upstream "$3" "nothing is left of it when it is merged with $target"
		return
	fi
	if gone "$1" "$after"; then
		if [ "$2" = "by hand" ]; then
			set -- "$1" "$2" "$3" "${4:+$4, }asks for $(awk '{ printf "%sCONFIG_%s", sep, $3; sep = ", " }' "$state/options"), which is gone"
		elif as_before "$3"; then
			taken "$1" "by hand" "$3" "as patches/solved/$LTS has it"
			return
		else
			stuck "$1" "$3"
		fi
	fi
	if link "$3"; then
		# it is not ours to change, and not kept here
		[ "$2" = clean ] || {
			without "$1" skipped "$3" "a link that does not apply to $target as it stands: look for one that does"
			return
		}
		commit "new/$1" "$after"
		row "$1" clean "$3" "${4:+$4, }a link"
		return
	fi
	commit "new/$1" "$after"
	refreshed "$1" "$3"
	row "$1" "$2" "$3" "$4"
}

# link PATCH - is it somebody else's, by an entry of upstream.lock?
link() { git config -f "$lockfile" "link.$1.sha256" >/dev/null; }

# gone N TREE - does it ask for options that the new release has no more? They compile
# as if they were off, without a word
gone() {
	g diff --no-renames -U0 "refs/tags/new/$(($1 - 1))" "$2" | awk '
		FILENAME == ARGV[1] { place[$1] = $2; next }
		/^\+\+\+ b\// { file = substr($0, 7); next }
		/^\+/ {
			while (match($0, /CONFIG_[A-Za-z0-9_]+/)) {
				s = substr($0, RSTART + 7, RLENGTH - 7); $0 = substr($0, RSTART + RLENGTH)
				if (s in place && !((file, s) in seen)) { seen[file, s]; print "option", file, s, place[s] }
			}
		}' "$state/symbols" - >"$state/options"
	[ -s "$state/options" ]
}

# without N KIND PATCH NOTE - the queue goes on without it
without() {
	commit "new/$1" "$(tree_of "new/$(($1 - 1))")"
	row "$@"
}

# contained PATCH - the new line has the commit that the patch names; prints it
contained() {
	header "$1" | sed -n 's/^Upstream: *\(.*\) in v\([0-9]*\.[0-9]*\)\( .*\)*$/\2 \1/p' | while read -r since what; do
		case $what in none*) continue ;; esac
		[ "$(printf '%s\n' "$since" "$LTS" | sort -V | head -n 1)" = "$since" ] && echo "$what in v$since"
		break
	done
}

# moved PATCH - how far patch(1) has to look for its places
moved() {
	patch -p1 -d "$scratch" --dry-run -f -F2 <"$1" 2>/dev/null | awk '
		/ succeeded at / {
			if (match($0, /offset -?[0-9]+/)) { o = substr($0, RSTART + 7, RLENGTH - 7) + 0; if (!n++ || o < low) low = o; if (n == 1 || o > high) high = o }
			if (match($0, /fuzz [0-9]+/)) { f = substr($0, RSTART + 5, RLENGTH - 5) + 0; if (f > fuzz) fuzz = f }
		}
		/FAILED|No file to patch|can.t find file/ { failed = 1 }
		END {
			if (n) printf "moved by %s", low == high ? low : low " to " high
			if (n) printf " line%s", low == high && (low == 1 || low == -1) ? "" : "s"
			if (fuzz) printf "%sfuzz %d", n ? ", " : "", fuzz
			if (failed) printf "%s", (n || fuzz ? ", " : "") "its surroundings have changed"
		}'
}

# again N PATCH - the repository is a new one: do what the row says
again() {
	file=$state/out/$2
	! grep -q '^clean .*a link$' "$state/rows/$1" || file=$patches/$2
	if [ -f "$file" ]; then
		g reset -q --hard "refs/tags/new/$(($1 - 1))"
		g apply --index "$file" >"$tmp/log" 2>&1 || die "$2" "its result no longer applies" "$(tail -n 1 "$tmp/log")" \
			"remove ${state#"$root"/}/rows/$1 to carry it over again"
	fi
	commit "new/$1" "$(if [ -f "$file" ]; then g write-tree; else tree_of "new/$(($1 - 1))"; fi)"
}

# carry N PATCH
carry() {
	before=refs/tags/new/$(($1 - 1)) file=$patches/$2
	rm -f "$state/options"
	g reset -q --hard "$before"
	g clean -q -fdx
	evidence=$(contained "$file")
	if [ "$evidence" ]; then
		without "$1" upstream "$2" "Upstream: $evidence"
		return
	fi
	if ! grep -q '^+++ ' "$file"; then
		without "$1" upstream "$2" "it is empty"
		return
	fi
	if g apply --cached -R --check "$file" 2>/dev/null; then
		without "$1" upstream "$2" "its reverse applies to $target"
		return
	fi
	note=$(moved "$file")
	[ "$(header "$file" | grep -c '^[A-Z][a-z]*: ')" -gt 0 ] || note="${note:+$note, }has no header"
	alone=
	if GIT_INDEX_FILE=$tmp/index g read-tree "$before" && GIT_INDEX_FILE=$tmp/index g apply --cached "$file" 2>/dev/null; then
		alone=$(GIT_INDEX_FILE=$tmp/index g write-tree)
	fi
	if [ -z "$three" ]; then
		if [ "$alone" ]; then
			g read-tree -u --reset "$alone"
			taken "$1" clean "$2" "$note"
		elif patch -p1 -d "$scratch" -f -F2 --no-backup-if-mismatch <"$file" >"$tmp/log" 2>&1; then
			taken "$1" merged "$2" "$note"
		else
			stuck "$1" "$2"
		fi
		return
	fi
	if g cherry-pick --no-commit "refs/tags/old/$1" >"$tmp/log" 2>&1; then
		g add -A -f .
		kind=merged
		[ "$(g write-tree)" != "$alone" ] || kind=clean
		renamed=$(g diff --name-only --no-renames "refs/tags/old/$(($1 - 1))" "refs/tags/old/$1" | while read -r f; do
			[ -e "$state/new.files/$f" ] || [ ! -e "$state/old.files/$f" ] || printf '%s ' "$f"
		done)
		[ -z "$renamed" ] || note="${note:+$note, }follows ${renamed% } to $(g diff --cached --name-only "$before" | tr '\n' ' ')"
		taken "$1" $kind "$2" "${note% }"
	elif [ "$(g ls-files -u)" ]; then
		if woven; then
			taken "$1" merged "$2" "${note:+$note, }beside lines that have changed in $where: look at it"
		elif as_before "$2"; then
			taken "$1" "by hand" "$2" "as patches/solved/$LTS has it"
		elif link "$2"; then
			g reset -q --hard "$before"
			without "$1" skipped "$2" "a link that conflicts with $target: look for one that does not"
		else
			stuck "$1" "$2"
		fi
	else
		die "$2" "git cannot merge it" "$(tail -n 1 "$tmp/log")"
	fi
}

n=0 left=
for patch in $(queue); do
	n=$((n + 1))
	if [ -f "$state/rows/$n" ]; then
		g rev-parse -q --verify "refs/tags/new/$n" >/dev/null || again "$n" "$patch"
		continue
	fi
	if [ "$(cat "$state/conflict" 2>/dev/null)" = "$n" ]; then
		case $how in
		continue) mended "$n" "$patch" ;;
		skip)
			g reset -q --hard "refs/tags/new/$((n - 1))"
			without "$n" skipped "$patch" ""
			;;
		*) told "$patch" ;;
		esac
		rm -f "$state/conflict"
		continue
	fi
	carry "$n" "$patch"
done
# the series with its comments, without what the release has or somebody left out
awk 'NR == FNR { gone[$1]; next } $1 == "" || !($1 in gone)' FS='[ \t]+' - "$patches/series" >"$state/out/series.new" <<E2
$(for n in $(seq "$n"); do sed -n 's/^\(upstream\|skipped\) //; t p; b; :p; s/\t.*//p' "$state/rows/$n"; done)
E2
mv "$state/out/series.new" "$state/out/series"
