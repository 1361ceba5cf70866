#!/bin/sh
# Is a tarball the pinned one?
#   verify.sh                      check the line's tarballs in build/cache again
#   verify.sh FILE SHA256 SIGN     check FILE; "-" for a SHA256 or SIGN that the source
#                                  does not have
# SIGN is a detached PGP signature over the uncompressed tar, as kernel.org makes them.
# Only one by the pinned signer counts: gpgv gets a keyring that holds keys/<signer>.asc
# and nothing else, never the user's.
# Prints the first lines of FILE's record (pin.sh): its sha256, the signer whose
# signature was checked, and what was checked. Or prints why FILE is refused, on one
# line. Exit 0 or 1.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"

# refuse TEXT - the reason is the output
refuse() {
	printf '%s\n' "$1"
	exit 1
}

# uncompress FILE - the tar in it, on standard output
uncompress() {
	case $1 in
	*.xz) xz -dc "$1" ;;
	*.gz) gzip -dc "$1" ;;
	*) cat "$1" ;;
	esac
}

# check FILE SHA256 SIGN
check() {
	checked='' signed_by=-
	digest=$(sha256 "$1")
	if [ "$2" != - ]; then
		[ "$digest" = "$2" ] ||
			refuse "sha256 is $digest, pinned is $2$(describe_content "$1")"
		checked=sha256
	fi
	if [ "$3" != - ]; then
		check_signature "$1" "$3"
		checked="${checked:+$checked }pgp" signed_by=$signer
	fi
	[ "$checked" ] || refuse "upstream.lock gives neither a sha256 nor a signature for it"
	# the signer has signed other releases as well
	[ "$2" != - ] || check_release "$1"
	printf 'sha256 %s\nsigner %s\nchecked %s\n' "$digest" "$signed_by" "$checked"
}

# check_signature FILE SIGN
check_signature() {
	tempdir
	[ -f "$root/keys/$signer.asc" ] || refuse "keys/$signer.asc, the signer's key, is missing"
	gpg --batch --no-options --homedir "$tmp" --dearmor \
		<"$root/keys/$signer.asc" >"$tmp/ring.gpg" 2>"$tmp/log" ||
		refuse "keys/$signer.asc is not a PGP key: $(tail -n 1 "$tmp/log")"
	# a broken pipe or a damaged xz stream cannot pass: gpgv then sees another tar
	uncompress "$1" 2>"$tmp/log" | gpgv --homedir "$tmp" --keyring "$tmp/ring.gpg" \
		--status-fd 3 "$2" - 3>"$tmp/status" 2>>"$tmp/log" || :
	grep -q '^\[GNUPG:\] GOODSIG ' "$tmp/status" &&
		grep -q "^\[GNUPG:\] VALIDSIG .* $signer\$" "$tmp/status" ||
		refuse "$(explain_signature "$tmp/status")"
}

# check_release FILE - is it the pinned release, by the Makefile at its top?
check_release() {
	is=$(tar -xOf "$1" --occurrence=1 --wildcards --no-wildcards-match-slash '*/Makefile' 2>/dev/null |
		awk '/^(VERSION|PATCHLEVEL|SUBLEVEL) *=/ { v = v sep $3; sep = "." } END { print v }')
	[ "$is" = "$version" ] || refuse "it is linux ${is:-of no version}, not the pinned $version"
}

# explain_signature STATUS - why it is refused, from gpgv's status lines
explain_signature() {
	if key=$(awk -v s="$signer" '
		$2 == "NO_PUBKEY" || $2 == "ERRSIG" { print $3; exit }
		$2 == "VALIDSIG" && $NF != s { print $NF; exit }' "$1") && [ "$key" ]; then
		echo "the signature is by $key, not by the pinned signer $signer"
	elif grep -q BADSIG "$1"; then
		echo "the signature is not over this file"
	elif grep -q -e EXPKEYSIG -e REVKEYSIG "$1"; then
		echo "the signer's key in keys/ is expired or revoked"
	else
		echo "the signature is damaged or missing"
	fi
}

# describe_content FILE - what the download with the wrong digest appears to be
describe_content() {
	case $(head -c 512 "$1" | tr -d '\0' | tr '[:upper:]' '[:lower:]') in
	*'<html'* | *'<!doctype'*)
		echo "; it is an HTML page, sent by a proxy or a log-in page"
		return
		;;
	esac
	case $1 in
	*.xz*) xz -t "$1" 2>/dev/null || echo "; xz says $(xz -t "$1" 2>&1 | sed 's/^xz: .*: //')" ;;
	esac
}

# check_cache - every tarball of the line in build/cache
check_cache() {
	found=
	while read -r address pinned sign; do
		file=$cache/${address##*/}
		[ -f "$file" ] || continue
		found=1
		[ "$sign" = - ] || sign=$cache/${sign##*/}
		record=$(check "$file" "$pinned" "$sign") || die "${file##*/}" "$record" \
			"in build/cache; remove it there and run make fetch again"
		say "${file##*/}: good (${record##*checked })"
	done <<-EOF
		$sources
	EOF
	[ "$found" ] ||
		die "linux $version" "no tarball of it is in build/cache" "run make fetch first"
}

case $# in
0 | 3) ;;
*) usage "verify.sh [FILE SHA256|- SIGN|-]" ;;
esac
check_pin
if [ $# = 3 ]; then check "$@"; else check_cache; fi
