# merge-additions.awk FILE - a file with git's conflicts (diff3 style) on standard output, with
# those solved in which one side only adds lines, before or after what the other has
# changed; and those in which both only add, if what they add are whole definitions or
# entries of a list: it begins at the margin and its braces close. git calls them
# conflicts because the lines touch. The number solved goes to the file `count`, and
# the marks of the others get names that are the same in each release.
function text(a, n,   i, s) { s = ""; for (i = 1; i <= n; i++) s = s a[i] "\n"; return s }
function starts(a, n, b, m,   i) { if (m > n) return 0; for (i = 1; i <= m; i++) if (a[i] != b[i]) return 0; return 1 }
function ends(a, n, b, m,   i) { if (m > n) return 0; for (i = 1; i <= m; i++) if (a[n - m + i] != b[i]) return 0; return 1 }
# whole(a, n) - definitions, with the blank line that parts them from the next
function whole(a, n,   i, open, line) {
	if (!n || a[n] != "" || a[1] !~ /^[^ \t]/) return 0
	for (i = 1; i <= n; i++) { line = a[i]; open += gsub(/\{/, "", line) - gsub(/\}/, "", line); if (open < 0) return 0 }
	return !open
}
function part(a, from, to,   i, s) { s = ""; for (i = from; i <= to; i++) s = s a[i] "\n"; return s }
function solve() {
	if (nb == 0) {
		if (whole(ours, no) && whole(theirs, nt)) { printf "%s%s", text(ours, no), text(theirs, nt); return 1 }
	} else if (ends(theirs, nt, base, nb)) { printf "%s%s", part(theirs, 1, nt - nb), text(ours, no); return 1
	} else if (starts(theirs, nt, base, nb)) { printf "%s%s", text(ours, no), part(theirs, nb + 1, nt); return 1
	} else if (ends(ours, no, base, nb)) { printf "%s%s", part(ours, 1, no - nb), text(theirs, nt); return 1
	} else if (starts(ours, no, base, nb)) { printf "%s%s", text(theirs, nt), part(ours, nb + 1, no); return 1 }
	return 0
}
/^<<<<<<< / { in_ = "ours"; no = nb = nt = 0; next }
/^\|\|\|\|\|\|\| / && in_ == "ours" { in_ = "base"; next }
/^=======$/ && in_ == "base" { in_ = "theirs"; next }
/^>>>>>>> / && in_ == "theirs" {
	in_ = ""
	if (solve()) solved++
	else printf "<<<<<<< the new release\n%s||||||| the old release\n%s=======\n%s>>>>>>> the old release with the patch\n", text(ours, no), text(base, nb), text(theirs, nt)
	next
}
in_ == "ours" { ours[++no] = $0; next }
in_ == "base" { base[++nb] = $0; next }
in_ == "theirs" { theirs[++nt] = $0; next }
{ print }
END { print solved + 0 >count }
