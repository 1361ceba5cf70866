#!/bin/sh
# One HTTP response on standard output, for the request on standard input. Modes:
#   plain     correct, ranges too
#   norange   half of the file, then the connection is closed; later all of it, without
#             regard to the range
#   cut       half of the file, then the connection is closed; ranges are correct
#   drip      an eighth of the file or range, then the connection is closed
#   busy      503 to the first request, later correct
#   stall     half of the file, then nothing until the client closes; ranges are correct
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

# head_of STATUS BYTES [FIELD] - the response's header
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
