#!/bin/sh
# compare-lines.sh OLD NEW - what got smaller from one line to another: the patches, and of
# what was built and measured here (dist/<line>/manifest.json, build/<line>/bench.json)
# the image and its start. A figure that one of the two lacks is not printed.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/series.sh"
[ $# = 2 ] || usage "compare-lines.sh OLD NEW"
count() { patches=$root/patches/$1 && queue | wc -l; }

# figure NAME UNIT FOLDER FILE FILTER - a line of both
figure() {
	a=$(jq -r "$5 // empty" "$root/$3/$old/$4" 2>/dev/null) || :
	b=$(jq -r "$5 // empty" "$root/$3/$new/$4" 2>/dev/null) || :
	[ "$a" ] && [ "$b" ] && printf '  %-16s %12s %12s %s\n' "$1" "$a" "$b" "$2" || :
}
old=$1 new=$2
printf '  %-16s %12s %12s\n' '' "$old" "$new"
printf '  %-16s %12s %12s\n' patches "$(count "$old")" "$(count "$new")"
for name in bzImage vmlinux modules.tar.gz; do figure "$name" bytes dist manifest.json ".outputs[\"$name\"].bytes"; done
figure "to /init" "ns, 512 MB" build bench.json .image.boot_ns_512
figure "missing memory" kB build bench.json .image.mem_missing_kb
