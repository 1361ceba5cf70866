#!/bin/sh
# tools/link-entries: the rows of upstream.lock's link entries, and what is unsound in one.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 35
sanitized link-entries
project=$work
hex() { printf "%0$1d" 7; }
# entries [ARG...] - of the file $work/lock; tabs become |
entries() {
	git config -z -f "$work/lock" --list >"$work/settings"
	rc=0
	out=$("$program" "$@" <"$work/settings" 2>"$work/err") || rc=$?
	err=$(cat "$work/err")
	out=$(printf '%s\n' "$out" | tr '\t' '|')
}
# lock NAME KEY=VALUE... - a sound entry with these instead; a KEY= without VALUE is missing
lock() {
	printf '[link "%s"]\n' "$1" >"$work/lock"
	sha256=$(hex 64) patch_id=$(hex 40) lines='6.1 6.12' url=https://example.org/a.patch
	shift
	for setting; do
		case $setting in
		sha256=*) sha256=${setting#*=} ;;
		patch_id=*) patch_id=${setting#*=} ;;
		lines=*) lines=${setting#*=} ;;
		url=*) url=${setting#*=} ;;
		esac
	done
	[ -z "$sha256" ] || printf '\tsha256 = "%s"\n' "$sha256"
	[ -z "$patch_id" ] || printf '\tpatch-id = "%s"\n' "$patch_id"
	[ -z "$lines" ] || printf '\tlines = "%s"\n' "$lines"
	[ -z "$url" ] || printf '\turl = "%s"\n' "$url"
} >>"$work/lock"
row_of() { echo "$1|$(hex 64)|$(hex 40)|6.1 6.12|https://example.org/a.patch"; }

# ---- rows
lock hv/a.patch
entries
is "$rc$err $out" "0 $(row_of hv/a.patch)" "an entry"
entries check 6.1
is "$rc$err $out" "0 $(row_of hv/a.patch)" "a sound one"
lock hv/a.patch patch_id=
entries check 6.1
is "$rc $out" "0 $(row_of hv/a.patch | sed "s/|$(hex 40)|/|-|/")" "a patch without an id"
lock hv/a.patch sha256= patch_id= lines= url=
echo '	other = x' >>"$work/lock"
entries
is "$rc $out" "0 hv/a.patch|-|-|-|-" "keys that are missing, and one of another name"
lock hv/a.patch
printf '\tpatch-id = %s\n\turl\n\tLines = 9\n' "$(hex 40)" >>"$work/lock"
entries check 6.1
is "$rc $out" "0 $(row_of hv/a.patch | sed "s/|$(hex 40)|6.1 6.12|/|$(hex 40) $(hex 40)|6.1 6.12 9|/")" \
	"keys that are given twice, in capitals or without a value"
lock hv/b.patch
{ printf '[line "6.1"]\n\turl = x\n[core]\n\turl = y\n[linker "a"]\n\turl = z\n'; sed 's|hv/b|hv/a|' "$work/lock"; } >>"$work/lock.2"
cat "$work/lock.2" >>"$work/lock"
entries
is "$out" "$(row_of hv/b.patch)
$(row_of hv/a.patch)" "the order of the file, and only the link sections"
lock 'a.b=c.d'
entries
is "$out" "$(row_of a.b=c.d)" "dots and equals signs in a name"
lock ''
entries
is "$out" "$(row_of -)" "an empty name"
printf '[link]\n\turl = x\n' >"$work/lock"
entries
is "$out" "-|-|-|-|x" "and none"
printf '[link "a\tb"]\n\turl = "x\\ny\\tz"\n' >"$work/lock"
entries
is "$out" "a b|-|-|-|x y z" "tabs and newlines are blanks"

# ---- check
# unsound TEXT NAME ARG... - the first line for an entry of these
unsound() {
	wanted=$1
	name=$2
	shift 2
	lock "$@"
	entries check 9.1
	is "$rc $(printf '%s\n' "$out" | head -n 1)" "3 [link \"$1\"] $wanted" "$name"
}
for wrong in hv/../a.patch /hv/a.patch 'hv/a b.patch' a.patch hv/a.diff hv/.patc '' 'hv/ä.patch'; do
	lock "$wrong"
	entries check 9.1
	case $out in "[link \"${wrong:--}\"] is not a name for a patch"*) ;; *) note "$wrong: $out"; break ;; esac
	wrong=none
done
is "$wrong" none "names that are not topic/name.patch"
is "$(printf '%s\n' "$out" | tail -n 1)" "expected topic/name.patch" "and what is expected"
unsound 'has url -, expected one address' "no url" hv/a.patch url=
unsound 'has url /a /b, expected one address' "two" hv/a.patch url='/a /b'
is "$(printf '%s\n' "$out" | tail -n 1)" "a section that is given twice has two" "and why"
unsound 'has url git://x, expected https://..., file:/... or a path' "a url of another kind" hv/a.patch url=git://x
unsound 'has url a.patch, expected https://..., file:/... or a path' "a relative path" hv/a.patch url=a.patch
for right in https://x http://x file:/x /x; do
	lock hv/a.patch url="$right"
	entries check 9.1
	[ $rc = 0 ] || break
	right=none
done
is "$right" none "urls of each kind"
unsound 'has sha256 -, expected 64 hex digits' "no sha256" hv/a.patch sha256=
unsound "has sha256 $(hex 63), expected 64 hex digits" "one that is too short" hv/a.patch sha256="$(hex 63)"
unsound "has sha256 $(hex 63)g, expected 64 hex digits" "one with another letter" hv/a.patch sha256="$(hex 63)g"
unsound "has patch-id $(hex 41), expected what git patch-id --stable prints" "a patch-id that is too long" hv/a.patch patch_id="$(hex 41)"
unsound "has patch-id $(hex 40)g, expected what git patch-id --stable prints" "one with another letter" hv/a.patch patch_id="$(hex 40)g"
unsound "has patch-id $(hex 40) x, expected what git patch-id --stable prints" "the second of two" hv/a.patch patch_id="$(hex 40) x"
unsound 'has no lines' "no lines" hv/a.patch lines=
is "$(printf '%s\n' "$out" | tail -n 1)" 'add the lines it is for: lines = "9.1"' "and what to write"
unsound 'has lines 6.1,6.12, expected lines with blanks between: "4.19 6.1"' "lines with commas" hv/a.patch lines=6.1,6.12
cat "$work/lock.2" >>"$work/lock"
entries check 9.1
unlike "$out" 'hv/b' "of two entries one is unsound: no rows"

# ---- malformed input
# raw FORMAT [ARG...] - standard input as it stands
raw() {
	printf %b "$1" >"$work/settings"
	shift
	rc=0
	out=$("$program" "$@" <"$work/settings" 2>&1 | tr '\t' '|') || rc=$?
}
raw 'link.a.url\nx'
is "$rc $out" "0 a|-|-|-|x" "no NUL at the end"
raw '\0\0link.\0link\0linkurl\0link.a\n\0link.b.url\n\0'
is "$rc $out" "0 -|-|-|-|-
b|-|-|-|-" "empty and incomplete settings"
raw ''
is "$rc$out" 0 "no settings"
raw '' check 6.1
is "$rc$out" 0 "which are sound"
{ printf 'link.a.url\n'; head -c 3000000 /dev/zero | tr '\0' x; } >"$work/long"
is "$("$program" <"$work/long" | wc -c)" 3000009 "a very long value"
run "$program" check
is $rc 2 "usage"
run "$program" list 6.1
is $rc 2 "usage of another command"
