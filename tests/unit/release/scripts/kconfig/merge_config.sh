#!/bin/sh
# merge_config.sh -m -O DIR FILE... - DIR/.config from FILEs, the last one wins.
set -eu
[ "$1 $2" = "-m -O" ] || exit 2
dir=$3
shift 3
cat "$@" | awk '
	match($0, /^CONFIG_[A-Za-z0-9_]+=/) { is[substr($0, 1, RLENGTH - 1)] = $0 }
	/^# CONFIG_[A-Za-z0-9_]+ is not set$/ { is[$2] = $0 }
	END { for (s in is) print is[s] }' | sort >"$dir/.config"
echo "merged $#"
