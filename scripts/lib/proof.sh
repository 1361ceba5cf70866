# shellcheck shell=sh
# Which image was booted with success: dist/<line>/smoke.ok and smoke-hyperv.ok hold the
# sha256 of the bzImage whose run met its whole plan. make install asks for both. Sourced
# after lib.sh.

# begin_proof NAME - a run of NAME starts: it has proved nothing yet
begin_proof() {
	proof=$dist/$1.ok
	proved=$(sha256 "$dist/bzImage")
	rm -f "$proof"
}

# end_proof - it was green. With boot parameters of the user's it says nothing of the image
# as WSL boots it.
end_proof() {
	[ "${CMDLINE:-}${SELFTEST:-}" ] || printf '%s\n' "$proved" | replace "$proof"
}

# has_proof NAME SHA256 - was that image green in NAME?
has_proof() { { read -r had <"$dist/$1.ok"; } 2>/dev/null && [ "$had" = "$2" ]; }
