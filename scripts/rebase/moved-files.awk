# moved-files.awk GONE NEW - the paths of NEW, the files that only the new release has, that
# may be one of GONE, the files that it lacks: those with the same name anywhere, and those
# with the same suffix anywhere below the parent of its directory.

function base(path) { sub(/.*\//, "", path); return path }

# the directory that path is in, with its slash; "" at the top
function parent(path) { return sub(/[^\/]+\/?$/, "", path) ? path : "" }

function suffix_of(path) { path = base(path); return sub(/.*\./, "", path) ? path : "" }

FILENAME == ARGV[1] {
	n++
	name[n] = base($0)
	area[n] = parent(parent($0))
	suffix[n] = suffix_of($0)
	next
}
{
	for (i = 1; i <= n; i++) {
		near = area[i] != "" && index($0, area[i]) == 1 && suffix_of($0) == suffix[i]
		if (base($0) == name[i] || near) {
			print
			break
		}
	}
}
