# orig-tarballs.awk - of `apt-cache showsrc` on standard input the upstream tarballs of a
# kernel line, with the variable line: "VERSION PATH SHA256" a line, PATH below the root of
# the archive. A package gives one or nothing.

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
