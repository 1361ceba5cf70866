# orig-tarballs.awk - print the upstream tarballs of a kernel line (variable line) from the
# output of `apt-cache showsrc` on standard input: "VERSION PATH SHA256" a line, PATH below
# the root of the archive; at most one for each package.

BEGIN {
	gsub(/\./, "\\.", line)
	wanted = "^linux[-0-9.]*_" line "\\.[0-9]+\\.orig\\.tar\\.xz$"
}
/^Directory:/ { dir = $2 }
/^[A-Z]/ { sums = /^Checksums-Sha256:/ }
sums && $3 ~ wanted { file = $3; sum = $1 }
/^$/ || /^Package:/ { print_package() }
END { print_package() }

function print_package(  version) {
	if (file && dir) {
		version = file
		sub(/^.*_/, "", version)
		sub(/\.orig.*/, "", version)
		print version, dir "/" file, sum
	}
	file = dir = ""
}
