# shellcheck shell=sh
# A Windows for scripts/install, sourced after project.sh: $work/windows is its drive C:,
# and the programs that reach it from WSL are in $work/bin, which is first in PATH. What
# they do not do is Windows' own: rights, files in use, the start of WSL.
#   windows NAME           a new drive, with the profile C:\Users\NAME; sets $home, $config
#   built LINE RELEASE [MODULES]   dist/LINE as a build leaves it, proved by both boots;
#                          MODULES is the text of modules.vhdx
#   image RELEASE          a bzImage of nothing but its header
# The Windows' programs read: $work/profile (its name in Windows) and $work/version.
windows() {
	drive=$work/windows
	rm -rf "$drive"
	mkdir -p "$drive/Users/$1" "$drive/ProgramData"
	home=$drive/Users/$1 config=$drive/Users/$1/.wslconfig
	printf 'C:\\Users\\%s\n' "$1" >"$work/profile"
	echo 2.9.4.0 >"$work/version"
}

# cmd.exe prints the variables that begin with a name, as the real one: with CR LF, in
# UTF-16 with /u, otherwise in a code page that has not every letter
fake cmd.exe "[ \"\$1 \$2 \$3\" = '/u /d /c' ] || exit 9
case \$4 in
'set USERPROFILE') printf 'USERPROFILE=%s\\r\\n' \"\$(cat '$work/profile')\" ;;
'set ProgramData') printf 'ProgramData=C:\\\\ProgramData\\r\\n' ;;
*) exit 1 ;;
esac | iconv -f UTF-8 -t UTF-16LE"
fake powershell.exe "case \$3 in
*UTF8*USERPROFILE) printf '%s\\r\\n' \"\$(cat '$work/profile')\" ;;
*UTF8*ProgramData) printf 'C:\\\\ProgramData\\r\\n' ;;
*) exit 1 ;;
esac"
fake wsl.exe "[ \"\$1\" != --shutdown ] || { echo shutdown >'$work/shutdown'; exit; }
[ \"\$1\" = --version ] && [ -s '$work/version' ] || { echo 'Usage: wsl.exe [Argument]'; exit 1; } | iconv -f UTF-8 -t UTF-16LE
printf 'WSL-Version: %s\\r\\nKernelversion: 6.6.87.2-1\\r\\n' \"\$(cat '$work/version')\" | iconv -f UTF-8 -t UTF-16LE"
fake wslpath "case \$1,\$2 in
-u,[Cc]:\\\\*) printf '%s\\n' '$work/windows/'\"\$(printf '%s' \"\${2#??\\\\}\" | tr '\\\\\\\\' /)\" ;;
*) exit 1 ;;
esac"
PATH=$work/bin:$PATH

image() {
	head -c 2048 /dev/zero
	printf '%s (user@host) #1 SMP\0' "$1"
}

# header FILE - the fields of a bzImage for x86-64
header() {
	printf 'HdrS' | dd of="$1" bs=1 seek=514 conv=notrunc 2>/dev/null
	# the release is at 2048 = 0x600 + 0x200
	printf '\000\006' | dd of="$1" bs=1 seek=526 conv=notrunc 2>/dev/null
	printf '\001' | dd of="$1" bs=1 seek=566 conv=notrunc 2>/dev/null
}

built() {
	dist=$project/dist/$1
	mkdir -p "$dist"
	rm -f "$dist"/*
	image "$2" >"$dist/bzImage"
	header "$dist/bzImage"
	echo CONFIG_X=y >"$dist/config"
	[ $# = 2 ] || printf '\0vermagic=%s SMP mod_unload \0%s' "$2" "$3" >"$dist/modules.vhdx"
	manifest "$2"
	for run in smoke smoke-hyperv; do sum "$dist/bzImage" >"$dist/$run.ok"; done
}

# manifest RELEASE - of the files in $dist
manifest() {
	(cd "$dist" && find bzImage config modules.vhdx -type f -exec sha256sum {} + 2>/dev/null) |
		jq -R 'split("  ") | {(.[1]): {sha256: .[0]}}' | jq -s --arg release "$1" \
		'{release: $release, outputs: add}' >"$dist/manifest.json"
}
