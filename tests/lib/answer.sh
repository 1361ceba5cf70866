#!/bin/sh
# One HTTP answer on standard output, for the request on standard input. How:
#   plain     as it should be, ranges too
#   norange   half of it and then the line is closed; later all of it, whatever
#             range is asked for
#   cut       half of it and then the line is closed; a range is answered
#   drip      an eighth of it and then the line is closed, for ranges, too
#   busy      503 to the first request, and then as it should be
#   stall     half of it and then nothing, until the client goes; a range is answered
#   page      a log-in page with status 200, as a hotel's network sends it
set -eu
read -r _ path _
first=-
cr=$(printf '\r')
lf='
'
while read -r name value _; do
	[ "$name" != "$cr" ] || break
	case $name in [Rr]ange:) first=${value#bytes=} first=${first%%-*} ;; esac
done
mode=${path#/}
mode=${mode%%/*}
name=${path##*/}
file=$WWW/$name
asked=$first
if [ "$mode" = norange ]; then
	! grep -q "^norange/$name " "$REQUESTS" || mode=plain
	first=-
fi
echo "${path#/} $asked" >>"$REQUESTS"

# head_of STATUS BYTES [FIELD] - the answer's head
head_of() { printf 'HTTP/1.1 %s\r\nContent-Length: %s\r\n%sConnection: close\r\n\r\n' "$1" "$2" "${3:-}"; }

if [ "$mode" = busy ] && [ "$(grep -c "^busy/$name " "$REQUESTS")" = 1 ]; then
	head_of '503 Service Unavailable' 0
	exit
fi
if [ "$mode" = page ]; then
	page='<!DOCTYPE html><html><body>Please log in</body></html>'
	head_of '200 OK' ${#page}
	printf %s "$page"
	exit
fi
[ -f "$file" ] || { head_of '404 Not Found' 0; exit; }
size=$(stat -c %s "$file")
if [ "$first" = - ]; then
	head_of '200 OK' "$size"
	case $mode in
	cut | norange) head -c $((size / 2)) "$file" ;;
	drip) head -c $((size / 8)) "$file" ;;
	stall)
		head -c $((size / 2)) "$file"
		cat >/dev/null
		;;
	*) cat "$file" ;;
	esac
elif [ "$first" -ge "$size" ]; then
	head_of '416 Range Not Satisfiable' 0 "Content-Range: bytes */$size$cr$lf"
else
	head_of '206 Partial Content' $((size - first)) "Content-Range: bytes $first-$((size - 1))/$size$cr$lf"
	tail -c +$((first + 1)) "$file" | if [ "$mode" = drip ]; then head -c $((size / 8)); else cat; fi
fi
