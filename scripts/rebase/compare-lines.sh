#!/bin/sh
# compare-lines.sh OLD NEW - two lines side by side: the number of patches and, of what was
# built and measured here (dist/<line>/manifest.json, build/<line>/bench.json), sizes, boot
# time and memory. A figure that one of the two lacks is not printed.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/series.sh"
[ $# = 2 ] || usage "compare-lines.sh OLD NEW"
old=$1 new=$2

# count LINE - its patches
count() { patches=$root/patches/$1 && queue | wc -l; }

# figure NAME UNIT DIR FILE FILTER - what jq's FILTER prints of DIR/<line>/FILE
figure() {
	a=$(jq -r "$5 // empty" "$root/$3/$old/$4" 2>/dev/null) || :
	b=$(jq -r "$5 // empty" "$root/$3/$new/$4" 2>/dev/null) || :
	[ -z "$a" ] || [ -z "$b" ] || printf '  %-16s %12s %12s %s\n' "$1" "$a" "$b" "$2"
}
printf '  %-16s %12s %12s\n' '' "$old" "$new"
printf '  %-16s %12s %12s\n' patches "$(count "$old")" "$(count "$new")"
for name in bzImage vmlinux modules.tar.gz; do
	figure "$name" bytes dist manifest.json ".outputs[\"$name\"].bytes"
done
figure "to /init" "ns, 512 MB" build bench.json .image.boot_ns_512
figure "missing memory" kB build bench.json .image.mem_missing_kb
