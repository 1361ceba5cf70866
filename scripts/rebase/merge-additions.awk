# merge-additions.awk FILE - resolve the conflicts that git reports only because lines touch;
# the merged file goes to standard output, the number of resolved conflicts to the file
# named by the variable `count`. FILE has git's conflict markers in the diff3 style:
#
#   <<<<<<<          "ours", the new release
#   |||||||          "base", the old release
#   =======          "theirs", the old release with the patch
#   >>>>>>>
#
# A conflict is resolved when
#   - one side has all lines of the base and adds lines before or after them: the addition
#     goes before or after what the other side made of the base;
#   - the base is empty and both sides add whole definitions or list entries (see whole):
#     ours goes first.
# The markers of the other conflicts stay, with names that are the same for every release.

# lines FROM..TO of the side a, as text
function text(a, from, to,   i, s) {
	s = ""
	for (i = from; i <= to; i++)
		s = s a[i] "\n"
	return s
}

# are the first lines of a (n lines) those of b (m lines)?
function starts_with(a, n, b, m,   i) {
	if (m > n)
		return 0
	for (i = 1; i <= m; i++)
		if (a[i] != b[i])
			return 0
	return 1
}

# are the last lines of a (n lines) those of b (m lines)?
function ends_with(a, n, b, m,   i) {
	if (m > n)
		return 0
	for (i = 1; i <= m; i++)
		if (a[n - m + i] != b[i])
			return 0
	return 1
}

# is a (n lines) made of whole definitions: starts at the left margin, closes its braces and
# ends with the blank line that separates it from what follows?
function whole(a, n,   i, depth, line) {
	if (!n || a[n] != "" || a[1] !~ /^[^ \t]/)
		return 0
	for (i = 1; i <= n; i++) {
		line = a[i]
		depth += gsub(/\{/, "", line) - gsub(/\}/, "", line)
		if (depth < 0)
			return 0
	}
	return depth == 0
}

# set result to the resolution of the conflict; false when there is none
function resolve() {
	if (nbase == 0) {
		if (!whole(ours, nours) || !whole(theirs, ntheirs))
			return 0
		result = text(ours, 1, nours) text(theirs, 1, ntheirs)
	} else if (ends_with(theirs, ntheirs, base, nbase))
		result = text(theirs, 1, ntheirs - nbase) text(ours, 1, nours)
	else if (starts_with(theirs, ntheirs, base, nbase))
		result = text(ours, 1, nours) text(theirs, nbase + 1, ntheirs)
	else if (ends_with(ours, nours, base, nbase))
		result = text(ours, 1, nours - nbase) text(theirs, 1, ntheirs)
	else if (starts_with(ours, nours, base, nbase))
		result = text(theirs, 1, ntheirs) text(ours, nbase + 1, nours)
	else
		return 0
	return 1
}

function keep_conflict() {
	return "<<<<<<< the new release\n" text(ours, 1, nours) \
		"||||||| the old release\n" text(base, 1, nbase) \
		"=======\n" text(theirs, 1, ntheirs) \
		">>>>>>> the old release with the patch\n"
}

/^<<<<<<< / {
	side = "ours"
	nours = nbase = ntheirs = 0
	next
}
/^\|\|\|\|\|\|\| / && side == "ours" { side = "base"; next }
/^=======$/ && side == "base" { side = "theirs"; next }
/^>>>>>>> / && side == "theirs" {
	side = ""
	if (resolve()) {
		resolved++
		printf "%s", result
	} else
		printf "%s", keep_conflict()
	next
}
side == "ours" { ours[++nours] = $0; next }
side == "base" { base[++nbase] = $0; next }
side == "theirs" { theirs[++ntheirs] = $0; next }
{ print }
END { print resolved + 0 >count }
