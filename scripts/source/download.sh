#!/bin/sh
# download.sh URL FILE - move bytes, judge nothing. URL is http(s)://, file: or
# a path. FILE may hold the start of them from a run that was cut off: the rest
# is asked for, and where the server cannot resume, all of it. Exit 0 done;
# 1 with the reason as the only output on standard output.
. "$(dirname "$0")/../lib.sh"
[ $# = 2 ] || usage "download.sh URL FILE"
url=$1 file=$2

# full - how much is free once nothing could be written any more
full() { df -Pm "$(dirname "$file")" | awk 'NR == 2 { print $4 " MB are free in build/cache" }'; }

case $url in
http://* | https://*) ;;
*)
	from=${url#file:}
	from=/${from##/}
	[ -f "$from" ] || { echo "no such file"; exit 1; }
	cp "$from" "$file" 2>/dev/null || { echo "cannot be copied, $(full)"; exit 1; }
	exit 0
	;;
esac

bar=-s
[ ! -t 2 ] || bar=--progress-bar
# five connections that bring nothing new, and it is given up
left=5 most=0
while [ $left -gt 0 ]; do
	left=$((left - 1))
	rc=0
	said=$(curl -fL "$bar" --connect-timeout 15 --speed-limit 1000 --speed-time 30 \
		-C - -o "$file" -w '%{http_code} %{errormsg}' "$url") || rc=$?
	size=$(stat -c %s "$file" 2>/dev/null) || size=0
	[ "$size" -le "$most" ] || most=$size left=5
	case $rc,$said in
	# the server has no more than FILE holds; whether that is all of it, verify says
	0,* | 22,416*) exit 0 ;;
	# nobody answers
	28,000*) break ;;
	# the server cannot resume
	33,* | 36,*) rm -f "$file" ;;
	# cut off, or busy: go on from where it stopped
	18,* | 28,* | 52,* | 55,* | 56,* | 92,* | 22,429* | 22,50[0234]*) [ $left = 5 ] || sleep 1 ;;
	23,*)
		echo "cannot be written, $(full)"
		exit 1
		;;
	*) break ;;
	esac
done
echo "${said#* }"
exit 1
