# shellcheck shell=sh
# The line's series and the headers of its patches, sourced after lib.sh.

# queue - the patches of the line's series, in order
queue() { awk 'NF && $1 !~ /^#/ { print $1 }' "$patches/series"; }

# field NAME PATCH - that field of the patch's header, in one line
field() {
	awk -v name="$1: " '
		/^(--- |---$|diff |Index: )/ { exit }
		index($0, name) == 1 { text = substr($0, length(name) + 1); on = 1; next }
		on && /^[ \t]/ { text = text $0; next }
		{ on = 0 }
		END { print text }' "$2"
}
