#!/bin/sh
# download.sh URL FILE - copy URL (http(s)://, file: or a path) to FILE, unverified. FILE
# may hold the first bytes from an interrupted run: the rest is requested, or all of it
# where the server cannot resume. Exit 0 done; 1 with the reason as the only output.
. "$(dirname "$0")/../lib.sh"
[ $# = 2 ] || usage "download.sh URL FILE"
url=$1 file=$2

# give_up WHY
give_up() {
	echo "$1"
	exit 1
}

# space - the free space, for a write error
space() { echo "$(free_mb "$(dirname "$file")") MB are free in build/cache"; }

# copy_local - from file: or a path
copy_local() {
	from=${url#file:}
	from=/${from##/}
	[ -f "$from" ] || give_up "no such file"
	cp "$from" "$file" 2>/dev/null || give_up "cannot be copied, $(space)"
}

# request - the bytes that FILE lacks, until five connections in a row return none
request() {
	bar=-s
	[ ! -t 2 ] || bar=--progress-bar
	left=5 most=0
	while [ $left -gt 0 ]; do
		left=$((left - 1))
		rc=0
		said=$(curl -fL "$bar" --connect-timeout 15 --speed-limit 1000 --speed-time 30 \
			-C - -o "$file" -w '%{http_code} %{errormsg}' "$url") || rc=$?
		size=$(stat -c %s "$file" 2>/dev/null) || size=0
		[ "$size" -le "$most" ] || most=$size left=5
		case $rc,$said in
		# the server has no more than FILE holds; verify.sh checks whether that is all
		0,* | 22,416*) return ;;
		# no answer
		28,000*) break ;;
		# the server cannot resume
		33,* | 36,*) rm -f "$file" ;;
		# interrupted or busy: resume
		18,* | 28,* | 52,* | 55,* | 56,* | 92,* | 22,429* | 22,50[0234]*)
			[ $left = 5 ] || sleep 1
			;;
		23,*) give_up "cannot be written, $(space)" ;;
		*) break ;;
		esac
	done
	give_up "${said#* }"
}

case $url in
http://* | https://*) request ;;
*) copy_local ;;
esac
