# shellcheck shell=sh
# A web server on 127.0.0.1 that serves $work/www, sourced after project.sh.
#   serve     start it; $url is its address, $work/requests its log, a line each:
#             MODE/NAME FIRST-REQUESTED-BYTE (- for all)
# The first part of a path selects how the server behaves: $url/cut/NAME. See
# answer.sh; $work has a copy of it, which a test may change.
serve() {
	: >"$work/requests"
	cp "$top/tests/lib/answer.sh" "$work"
	# shellcheck disable=SC2016 # for the shell that socat starts
	WWW=$work/www REQUESTS=$work/requests ANSWER=$work/answer.sh socat -d -d \
		TCP-LISTEN:0,bind=127.0.0.1,fork 'SYSTEM:sh "$ANSWER"' 2>"$work/socat.log" &
	servers="$servers $!"
	within 10 grep -q ' listening on ' "$work/socat.log"
	url=http://127.0.0.1:$(sed -n 's/.* listening on .*:\([0-9]*\)$/\1/p' "$work/socat.log" | head -n 1)
}

# asked MODE/NAME - the first byte of each request for it, a word each
asked() { awk -v n="$1" '$1 == n { printf "%s%s", sep, $2; sep = " " }' "$work/requests"; }
