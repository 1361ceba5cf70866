#!/bin/sh
# Print the installed packages whose programs and headers a build uses, a line each with tabs
# between: name, version, architecture, the system of its package URL ("deb/debian/debian-12"),
# licence as the package has it, and which programs. The programs are those of
# scripts/setup/programs.list that a kernel needs, and CC= or LLVM='s. "-" stands for what is
# not known; a program that no package owns has a line of its own, with what --version prints.
# The licence is RPM's, or of a Debian copyright file the one of "Files: *", or the texts of
# common-licenses that it refers to. Exit 0.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/toolchain.sh"
[ $# = 0 ] || usage "packages.sh"
tempdir
tab='	'
# shellcheck disable=SC1091,SC2153 # not there to read
system=$(. /etc/os-release 2>/dev/null && echo "${ID:-linux}/${ID:-linux}-${VERSION_ID:-0}") || system=linux/linux-0

# wanted - the programs and headers of a build
wanted() {
	awk '$1 !~ /^#/ && NF { name = $1; $1 = $2 = $3 = ""
		if (/kernel|everything|host programs|image|modules|builds|queue|sources/) print name }' \
		"$root/scripts/setup/programs.list"
	for word in $cc $ld; do echo "$word"; done
}

# path_of NAME - the file of a program or a <header>
path_of() {
	case $1 in
	'<'*)
		header=${1#<}
		echo "#include $1" | gcc -M -E - 2>/dev/null | tr ' ' '\n' | grep -F "/${header%>}" -m 1
		;;
	*) command -v "$1" ;;
	esac
}

# owners - "PATH<tab>PACKAGE" for the paths of standard input that a package has
owners() {
	# a system with merged /usr has either name in its lists
	if command -v dpkg-query >/dev/null 2>&1; then
		sed 'p; s|^/usr||' | sort -u | xargs dpkg-query -S 2>/dev/null |
			sed -n "s/^\([^:, ]*\)[^/]*: \(.*\)/\2$tab\1/p" || :
	elif command -v rpm >/dev/null 2>&1; then
		while read -r path; do
			package=$(rpm -qf --qf '%{NAME}\n' "$path" 2>/dev/null) &&
				printf '%s\t%s\n' "$path" "${package%%[[:space:]]*}"
		done
	fi
}

# copyright PACKAGE - its licence, from Debian's copyright file
copyright() {
	file=/usr/share/doc/$1/copyright
	[ -f "$file" ] || return 0
	licence=$(awk '
		/^Files:[ \t]*\*[ \t]*$/ { all = 1 }
		all && sub(/^License:[ \t]*/, "") { print; exit }' "$file")
	[ "$licence" ] || licence=$(grep -oE '/usr/share/common-licenses/[A-Za-z0-9.+-]*[A-Za-z0-9+]' "$file" |
		sed 's|.*/||' | sort -u | paste -sd, | sed 's/,/, /g; /./s/^/refers to /')
	printf '%s\n' "$licence"
}

# describe PACKAGE - its fields but the last
describe() {
	if command -v dpkg-query >/dev/null 2>&1; then
		dpkg-query -W -f "\${Package}$tab\${Version}$tab\${Architecture}${tab}deb/$system$tab\n" "$1" | head -n 1
		copyright "$1"
	else
		rpm -q --qf "%{NAME}$tab%{EVR}$tab%{ARCH}${tab}rpm/$system$tab\n%{LICENSE}\n" "$1" | head -n 2
	fi | { IFS= read -r fields; IFS= read -r licence || licence=; printf '%s%s\n' "$fields" "${licence:--}"; }
}

wanted | awk '!seen[$0]++' | while read -r name; do
	path=$(path_of "$name") && [ "$path" ] || continue
	printf '%s\t%s\n' "$(readlink -f "$path")" "$name"
done >"$tmp/paths"
cut -f 1 "$tmp/paths" | owners >"$tmp/owned"
awk -F '\t' -v OFS='\t' 'FILENAME == ARGV[1] { owner[$1] = $2; next }
	{ short = $1; sub(/^\/usr/, "", short)
		print $1 in owner ? owner[$1] : short in owner ? owner[short] : $1, $2 }' \
	"$tmp/owned" "$tmp/paths" | sort >"$tmp/owners"
cut -f 1 "$tmp/owners" | uniq | while read -r package; do
	programs=$(awk -F '\t' -v p="$package" '$1 == p { print $2 }' "$tmp/owners" | paste -sd ' ')
	case $package in
	/*)
		version=$("$package" --version 2>/dev/null </dev/null | head -n 1 | tr -d '\t') || :
		fields=$(printf '%s\t%s\t-\t-\t-' "${package##*/}" "${version:--}")
		;;
	*) fields=$(describe "$package") ;;
	esac
	printf '%s\t%s\n' "$fields" "$programs"
done
