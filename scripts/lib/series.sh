# shellcheck shell=sh
# The line's series and the headers of its patches, sourced after lib.sh.

# named FILE... - the patches that these series files name, in order
named() { awk 'NF && $1 !~ /^#/ { print $1 }' "$@"; }

# queue - the patches that are pushed, in order: the line's series, and with GPU=1 those of
# series.gpu behind it
queue() { named "$patches/series" ${gpu:+"$patches/series.gpu"}; }

# unlisted - with GPU=1 quilt's series, .pc/series of the tree, is generated, and a copy of it
# is .queue/series: the patches that quilt new has added since, and patches/ does not list
unlisted() {
	[ -f .pc/series ] || return 0
	named .pc/series | grep -vxF -- "$(named .queue/series; queue)" | while read -r patch; do
		[ ! -f "$patches/$patch" ] || printf '%s ' "$patch"
	done
}

# fixes_cve PATCH - the words of its Fixes-CVE: fields, a line each; "-" for an empty field
fixes_cve() {
	awk '
		/^(--- |---$|diff |Index: )/ { exit }
		tolower($1) == "fixes-cve:" {
			sub(/^[^:]*:/, "")
			n = split($0, word, /[ ,\t]+/)
			for (i = 1; i <= n; i++) if (word[i] != "") { print word[i]; any = 1 }
			if (!any) print "-"
		}' "$1"
}

# field NAME PATCH - that field of the patch's header, in one line
field() {
	awk -v name="$1: " '
		/^(--- |---$|diff |Index: )/ { exit }
		index($0, name) == 1 { text = substr($0, length(name) + 1); on = 1; next }
		on && /^[ \t]/ { text = text $0; next }
		{ on = 0 }
		END { print text }' "$2"
}
