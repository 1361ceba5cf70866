# shellcheck shell=sh
# Which image was booted with success: dist/<line>/smoke.ok and smoke-hyperv.ok hold the
# sha256 of the bzImage whose run met its whole plan. make install asks for both. Sourced
# after lib.sh.
. "$root/scripts/lib/fragments.sh"

# begin_proof NAME - a run of NAME starts: it has proved nothing yet
begin_proof() {
	proof=$dist/$1.ok
	proved=$(sha256 "$dist/bzImage")
	rm -f "$proof"
}

# end_proof - it was green. With boot parameters of the user's it says nothing of the image
# as WSL boots it, and with other features than the image has, rows were left out.
end_proof() {
	built=$(jq -r '.features // ""' "$dist/manifest.json")
	if [ "${CMDLINE:-}${SELFTEST:-}${WSL:-}" ]; then
		why="it had boot parameters of its own"
	elif [ "$(choice)" != "$built" ]; then
		why="WITHOUT= and WITH= are not those that the image was built with"
	else
		printf '%s\n' "$proved" | replace "$proof"
		return
	fi
	say "make install does not count this run: $why"
}

# has_proof NAME SHA256 - was that image green in NAME?
has_proof() { { read -r had <"$dist/$1.ok"; } 2>/dev/null && [ "$had" = "$2" ]; }
