#!/bin/sh
# port-fragment.awk, port-list.awk and new-options.awk: the parts of port-config.sh; what
# make rebase does with them is in rebase.t.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 17
awks=$top/scripts/rebase
printf 'GONE -\nOLD NEW\n' >"$work/symbols"
# ported - the fragment on standard input for the line 6.12, from 6.1; its report in $report
ported() {
	: >"$work/report"
	cat >"$work/fragment"
	awk -v from=6.1 -v line=6.12 -v name=AS -v report="$work/report" \
		-f "$awks/port-fragment.awk" "$work/symbols" "$work/fragment"
}
is "$(printf '# Only 6.1, not 6x1.\n# 6.1 again.\nCONFIG_A=y' | ported)" "# Only 6.12, not 6x1.
# 6.1 again.
CONFIG_A=y" "the first line names the new line"
is "$(printf 'CONFIG_OLD=m\n# CONFIG_OLD is not set\nCONFIG_OLDER=y\n' | ported)" "CONFIG_NEW=m
# CONFIG_NEW is not set
CONFIG_OLDER=y" "an option becomes its replacement"
is "$(cat "$work/report")" "renamed OLD: NEW in AS, which has its prompt
renamed OLD: NEW in AS, which has its prompt" "which the report says"
is "$(printf 'CONFIG_A=y\n\n# why\n# CONFIG_GONE is not set\nCONFIG_GONE=y\n\n# b\nCONFIG_B=y\n' | ported)" "CONFIG_A=y


# b
CONFIG_B=y" "an option that is gone is left out with its comment"
is "$(sort -u "$work/report")" "gone GONE: left out of AS, no Kconfig of the new release defines it" "with a row"
is "$(printf '# why\nCONFIG_GONE=y\nCONFIG_A=y\n' | ported)" "# why
CONFIG_A=y" "but not the comment of those that stay"
is "$(printf '# a\nCONFIG_GONE=y\n# b\nCONFIG_B=y\n' | ported)" "# b
CONFIG_B=y" "a comment after an option begins a paragraph"
is "$(printf '# title\n\nCONFIG_GONE=y\n' | ported)" "# title" "a title stays"
is "$(ported </dev/null)" "" "an empty fragment"

# ---- lists
# listed - the list on standard input, with 6.12
listed() { awk -v from=6.1 -v line=6.12 -f "$awks/port-list.awk"; }
is "$(printf 'a  6.1           why\nb  4.19,6.1,6.6 why\nc  6.1  why' | listed)" "a  6.1,6.12      why
b  4.19,6.1,6.6,6.12 why
c  6.1,6.12 why" "the new line is added, the column stays"
is "$(printf 'a  6.1+android  why\nb 16.1+android why\nc *+android why\n' | listed)" "a  6.1,6.12+android  why
b 16.1+android why
c *+android why" "an entry of an optional feature"
is "$(printf '# a 6.1 why\na * why\nb 6.1,6.12 why\nc 16.1 why\nd 6.1\n' | listed)" "# a 6.1 why
a * why
b 6.1,6.12 why
c 16.1 why
d 6.1" "comments, entries for all lines, for the new one, for others and malformed ones stay"
is "$(printf '6.1 6.1 of 6.1\n' | listed)" "6.1 6.1,6.12 of 6.1" "a name that looks like a line"

# ---- new options
printf 'A\tfs: the a\nB\tfs: the b\nWAS\t\n' >"$work/old"
printf 'A\tfs: the a\nB\tfs: the b\nN\tfs: new: one\nD\tfs: not requested\nWAS\t\nNONE\t\n' >"$work/new"
printf 'CONFIG_N=y\n' >"$work/requests"
printf 'CONFIG_A=y\nCONFIG_B=m\nCONFIG_N=y\nCONFIG_D=m\nCONFIG_NONE=y\nCONFIG_S="y"\nCONFIG_WAS=y\n' >"$work/config"
# found [LINE...] - against a .config of these lines
found() {
	: >"$work/was"
	[ $# = 0 ] || printf '%s\n' "$@" >"$work/was"
	awk -F '\t' -f "$awks/new-options.awk" "$work/old" "$work/new" "$work/was" "$work/requests" "$work/config"
}
is "$(found CONFIG_A=m '# CONFIG_B is not set')" 'new B: m, by default, which has changed: "the b"
new D: m, by default: "not requested"' "options that are on and were off, with a prompt and without a request"
is "$(found '# nothing')" 'new A: y, by default, which has changed: "the a"
new B: m, by default, which has changed: "the b"
new D: m, by default: "not requested"' "all were off"
is "$(found)" 'new D: m, by default: "not requested"' "without the old .config only symbols that the old release does not define"
printf 'D\tfs: menu: the d\n' >"$work/new"
is "$(found)" 'new D: m, by default: "menu: the d"' "the prompt is printed without its part"
