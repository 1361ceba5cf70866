#!/bin/sh
# Is a tarball the pinned one?
#   verify.sh                      check the line's tarball in build/cache again
#   verify.sh FILE SHA256 SIGN     judge FILE; "-" for a SHA256 or SIGN that the
#                                  source does not have
# SIGN is a detached PGP signature over the uncompressed tar, as kernel.org
# makes them. It counts only when the pinned signer made it: gpgv is given a
# keyring that holds keys/<signer>.asc and nothing else, never the user's.
# Prints what was checked ("sha256 pgp"), or why FILE is refused; exit 0 or 1.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"

# refuse TEXT - the judgement is the output
refuse() {
	printf '%s\n' "$1"
	exit 1
}

# unpacked FILE - the tar inside, on standard output
unpacked() {
	case $1 in
	*.xz) xz -dc "$1" ;;
	*.gz) gzip -dc "$1" ;;
	*) cat "$1" ;;
	esac
}

# judge FILE SHA256 SIGN
judge() {
	checked=
	if [ "$2" != - ]; then
		got=$(sha256 "$1")
		[ "$got" = "$2" ] || refuse "sha256 is $got, pinned is $2$(kind "$1")"
		checked=sha256
	fi
	if [ "$3" != - ]; then
		tempdir
		[ -f "$root/keys/$signer.asc" ] || refuse "keys/$signer.asc, the signer's key, is missing"
		gpg --batch --no-options --homedir "$tmp" --dearmor \
			<"$root/keys/$signer.asc" >"$tmp/ring.gpg" 2>"$tmp/log" ||
			refuse "keys/$signer.asc is not a PGP key: $(tail -n 1 "$tmp/log")"
		# a broken pipe or a damaged xz stream cannot pass: gpgv then sees another tar
		unpacked "$1" 2>"$tmp/log" | gpgv --homedir "$tmp" --keyring "$tmp/ring.gpg" \
			--status-fd 3 "$3" - 3>"$tmp/status" 2>>"$tmp/log" || :
		grep -q '^\[GNUPG:\] GOODSIG ' "$tmp/status" &&
			grep -q "^\[GNUPG:\] VALIDSIG .* $signer\$" "$tmp/status" ||
			refuse "$(why_bad "$tmp/status")"
		checked="${checked:+$checked }pgp"
	fi
	[ "$checked" ] || refuse "upstream.lock gives neither a sha256 nor a signature for it"
	printf '%s\n' "$checked"
}

# why_bad STATUS - gpgv's status lines in a sentence
why_bad() {
	if key=$(awk -v s="$signer" '
		$2 == "NO_PUBKEY" || $2 == "ERRSIG" { print $3; exit }
		$2 == "VALIDSIG" && $NF != s { print $NF; exit }' "$1") && [ "$key" ]; then
		echo "the signature is by $key, not by the pinned signer $signer"
	elif grep -q BADSIG "$1"; then
		echo "the signature is not over this file"
	elif grep -q -e EXPKEYSIG -e REVKEYSIG "$1"; then
		echo "the signer's key in keys/ is expired or revoked"
	else
		echo "the signature is damaged or none at all"
	fi
}

# kind FILE - what a download with the wrong digest looks like
kind() {
	case $(head -c 512 "$1" | tr -d '\0' | tr '[:upper:]' '[:lower:]') in
	*'<html'* | *'<!doctype'*) echo "; it is an HTML page, sent by a proxy or a log-in page" ;;
	*) case $1 in
		*.xz*) xz -t "$1" 2>/dev/null || echo "; xz says $(xz -t "$1" 2>&1 | sed 's/^xz: .*: //')" ;;
		esac ;;
	esac
}

case $# in
3)
	check_pin
	judge "$@"
	;;
0)
	check_pin
	found=
	while read -r where sum sign; do
		file=$cache/${where##*/}
		[ -f "$file" ] || continue
		found=1
		[ "$sign" = - ] || sign=$cache/${sign##*/}
		how=$(judge "$file" "$sum" "$sign") ||
			die "${file##*/}" "$how" "in build/cache; remove it there and run make fetch again"
		say "${file##*/}: good ($how)"
	done <<-EOF
		$sources
	EOF
	[ "$found" ] || die "linux $version" "no tarball of it is in build/cache" "run make fetch first"
	;;
*) usage "verify.sh [FILE SHA256|- SIGN|-]" ;;
esac
