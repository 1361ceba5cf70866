# shellcheck shell=sh
# Symbolic links that lead out of a tree: a patch or an edit would write through them. Sourced
# after lib.sh.

# outside_links DIR - "LINK<tab>TARGET" for each symbolic link below DIR that leads out of it
outside_links() {
	(
		cd "$1" || exit
		found=$build_dir/log/links
		mkdir -p "$build_dir/log"
		find . \( -path ./.queue -o -path ./.pc \) -prune -o -type l -printf '%P\n' >"$found"
		tr '\n' '\0' <"$found" | xargs -0r realpath -m --relative-base=. >"$found.targets"
		paste "$found" "$found.targets" | awk -F '\t' '$2 ~ /^\//'
		rm "$found" "$found.targets"
	)
}
