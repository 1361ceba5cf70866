# shellcheck shell=sh
# The installed files: DIRECTORY/RELEASE/{bzImage,modules.vhdx,undo.cmd}. Sourced after
# lib.sh and image.sh.

# undo_line - a line of PowerShell that does what `wslconfig unset` does, for when no
# distribution starts. It reads the file as bytes: latin1 has a letter for each.
undo_line() {
	# shellcheck disable=SC2016 # PowerShell's variables
	printf '%s' '$f=$env:USERPROFILE+"\.wslconfig";$e=[Text.Encoding]::GetEncoding(28591);' \
		'$t=$e.GetString([IO.File]::ReadAllBytes($f)) ' \
		'-creplace "[ -~]*# wsl-kernel: (added|before)[ -~]*\r?\n?","" ' \
		'-creplace " # wsl-kernel: newline\r?\n?","" -creplace "# wsl-kernel: saved: ","";' \
		'if($t){[IO.File]::WriteAllBytes($f,$e.GetBytes($t))}else{Remove-Item $f}' | tr '"' "'"
	printf '\n'
}

# undo_cmd - a batch file that runs it
undo_cmd() {
	sed 's/$/\r/' <<-EOF
		@echo off
		rem Takes the kernel $release out of .wslconfig and puts back what was there before
		rem the first make install. Run it in Windows when WSL does not start.
		powershell -NoProfile -Command "$(undo_line)"
		if errorlevel 1 goto failed
		wsl --shutdown
		echo WSL starts with its former kernel again.
		pause
		exit /b 0
		:failed
		echo Nothing was changed. Add safeMode=true below [wsl2] in .wslconfig.
		pause
		exit /b 1
	EOF
}

# holds DIRECTORY - does it have the files of dist/<line>?
holds() {
	cmp -s "$dist/bzImage" "$1/bzImage" || return 1
	if [ "$modules" ]; then cmp -s "$modules" "$1/modules.vhdx"; else [ ! -e "$1/modules.vhdx" ]; fi
}

# choose_folder DIRECTORY - set $folder, a name in it: the release, or where that has other
# files, which may be in use, the release and the start of a digest of these
choose_folder() {
	folder=$release
	[ -e "$1/$folder" ] || return 0
	! holds "$1/$folder" || return 0
	sum=$(cat "$dist/bzImage" ${modules:+"$modules"} | sha256sum)
	folder=$release-$(printf '%s' "$sum" | cut -c 1-8)
}

# copy_files DIRECTORY - into DIRECTORY/$folder, which appears when all of it is on disk. Sets
# $made to it, or to nothing if it was there.
copy_files() {
	made=
	! holds "$1/$folder" || return 0
	new=$1/$folder.new
	rm -rf "$new"
	mkdir -p "$new" && cp "$dist/bzImage" ${modules:+"$modules"} "$new" && undo_cmd >"$new/undo.cmd" &&
		sync "$new"/* && holds "$new" && mv -T "$new" "$1/$folder" || {
		rm -rf "$new"
		die "$1" "cannot be written (above)" ".wslconfig was not changed; the files need \
$(du -cm "$dist/bzImage" ${modules:+"$modules"} | sed -n '$s/[^0-9].*//p') MB"
	}
	made=$1/$folder
}
