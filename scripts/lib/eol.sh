# shellcheck shell=sh
# Which lines upstream has ended, by eol in upstream.lock. Sourced after lib.sh.

# tell_eol - one line if upstream has ended the line: its fixes no longer come
tell_eol() {
	today=$(date +%F)
	ends=$(eol_of "$LTS")
	! has_ended "$ends" || warn "linux $LTS" "reached its end of life on $ends: upstream fixes nothing in it any more$(
		for other in $(lines); do has_ended "$(eol_of "$other")" || kept=$other; done
		[ -z "${kept:-}" ] || echo "; $kept is maintained")"
}

# eol_of LINE - the day on which upstream ends it, or nothing
eol_of() { git config -f "$lockfile" "line.$1.eol" || :; }

# has_ended DAY - is DAY, YYYY-MM-DD, before $today? Digits in this order sort as days do.
has_ended() {
	[ "$1" ] && [ "$1" != "$today" ] &&
		[ "$(printf '%s\n' "$1" "$today" | sort | head -n 1)" = "$1" ]
}
