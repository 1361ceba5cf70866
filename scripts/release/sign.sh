#!/bin/sh
# Sign dist/<line>/bzImage for UEFI Secure Boot: writes bzImage.signed beside it, with the
# private key KEY= and its certificate CERT=, both PEM files. WSL does not ask for it; other
# hosts do (docs/releases.md). The signature has the time of signing in it, so it differs each
# time; bzImage stays as it is. make release takes bzImage.signed along.
# Exit 0; 1: there is no build, or key and certificate do not sign it.
. "$(dirname "$0")/../lib.sh"
[ $# = 0 ] && [ "${KEY:-}" ] && [ "${CERT:-}" ] || usage "make sign LTS=x.y KEY=key.pem CERT=certificate.pem"
need sbsign sbverify jq
for file in "$KEY" "$CERT"; do [ -f "$file" ] || die "$file" "does not exist" "KEY= and CERT= are PEM files"; done
[ -f "$dist/bzImage" ] && [ "$(sha256 "$dist/bzImage")" = "$(jq -r .outputs.bzImage.sha256 "$dist/manifest.json")" ] ||
	die "dist/$variant/bzImage" "is not there, or not what manifest.json says" "run make kernel LTS=$LTS$gpu"
tempdir
sbsign --key "$KEY" --cert "$CERT" --output "$tmp/signed" "$dist/bzImage" >"$tmp/log" 2>&1 &&
	sbverify --cert "$CERT" "$tmp/signed" >>"$tmp/log" 2>&1 ||
	die "dist/$variant/bzImage" "is not signed: $(grep -v warning: "$tmp/log" | tail -n 1)" \
		"KEY= is the private key of CERT=, and the image has CONFIG_EFI_STUB"
replace "$dist/bzImage.signed" <"$tmp/signed"
say "dist/$variant/bzImage.signed: signed by $(sbverify --list "$tmp/signed" 2>/dev/null | sed -n 's/^ *- subject: *//p' | head -n 1)"
