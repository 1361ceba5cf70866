#!/bin/sh
# Does upstream have a newer release of any line that upstream.lock pins? A line past its end
# of life is skipped: kernel.org no longer lists it. Calls update.sh itself, because make
# turns its exit status 10 (newer) and 1 (not known) both into 2.
# Exit 0: no; 1: yes; 2: not known for some line.
set -eu
unset CDPATH
cd "$(dirname "$0")/.."
lock=upstream.lock newer='' failed=''
lines=$(git config -f $lock --name-only --get-regexp '^line\..*\.version$' | sed 's/^line\.//; s/\.version$//')
for line in $lines; do
	# not every pin has one
	eol=$(git config -f $lock "line.$line.eol") || :
	if [ "$eol" ] && [ "$(printf '%s\n' "$eol" "$(date +%F)" | sort | head -n 1)" = "$eol" ]; then
		echo "$line: its end of life was $eol"
		continue
	fi
	rc=0
	LTS=$line CHECK=1 scripts/rebase/update.sh || rc=$?
	case $rc in
	0) ;;
	10) newer="$newer $line" ;;
	*) failed="$failed $line" ;;
	esac
done
[ -z "$newer" ] || echo "newer releases, run make update LTS=:$newer"
[ -z "$failed" ] || { echo "could not find out (above):$failed"; exit 2; }
[ -z "$newer" ]
