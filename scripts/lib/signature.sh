# shellcheck shell=sh
# Signatures of releases: by gpg, or by ssh-keygen in a namespace of our own. Sourced after
# lib.sh; the functions need tempdir.
namespace=wsl-kernel-release

# is_ssh_key FILE - is it an ssh key, private or public?
is_ssh_key() {
	[ -f "$1" ] && head -n 1 "$1" | grep -qE '^(-----BEGIN ([A-Z]+ )?PRIVATE KEY-----|ssh-|ecdsa-|sk-)'
}

# sign_file FILE - write FILE.sig, by KEY=: an ssh key's file (the public one if the private
# one is in the agent), or what gpg knows a secret key by
sign_file() {
	rm -f "$1.sig"
	if is_ssh_key "$KEY"; then
		need ssh-keygen
		ssh-keygen -q -Y sign -f "$KEY" -n "$namespace" "$1" 2>"$tmp/sign.log"
	else
		need gpg
		gpg --quiet --armor --local-user "$KEY" --output "$1.sig" --detach-sign "$1" 2>"$tmp/sign.log"
	fi && [ -s "$1.sig" ] || die "KEY=$KEY" "does not sign: $(tail -n 1 "$tmp/sign.log")" \
		"KEY= is a secret key that gpg --list-secret-keys has, or the file of an ssh key"
}

# signature_kind FILE - ssh or pgp
signature_kind() { if head -n 1 "$1" | grep -q 'SSH SIGNATURE'; then echo ssh; else echo pgp; fi; }

# refusal FILE SIG - why SIG is no signature over FILE by the public key in the file KEY=;
# nothing if it is one, and $tmp/signed_by has the key's fingerprint then
refusal() {
	kind=pgp
	! is_ssh_key "$KEY" || kind=ssh
	if [ "$kind" != "$(signature_kind "$2")" ]; then
		echo "wrong signer: KEY= is a key for $kind, and the signature is of the other kind"
	else
		"refusal_$kind" "$@"
	fi
}

refusal_pgp() {
	need gpg gpgv
	mkdir -p "$tmp/gpg"
	chmod 700 "$tmp/gpg"
	if grep -q 'BEGIN PGP PUBLIC KEY BLOCK' "$KEY"; then
		gpg --batch --no-options --homedir "$tmp/gpg" --dearmor <"$KEY" >"$tmp/ring.gpg" 2>/dev/null
	else
		cp "$KEY" "$tmp/ring.gpg"
	fi || die "KEY=$KEY" "is no public key" "gpg --armor --export writes one"
	gpgv --homedir "$tmp/gpg" --keyring "$tmp/ring.gpg" --status-fd 3 "$2" "$1" \
		3>"$tmp/status" 2>/dev/null || :
	grep -q '^\[GNUPG:\] GOODSIG ' "$tmp/status" && grep -q '^\[GNUPG:\] VALIDSIG ' "$tmp/status" || {
		explain_pgp "$tmp/status"
		return
	}
	awk '$2 == "VALIDSIG" { print $NF; exit }' "$tmp/status" >"$tmp/signed_by"
}

# explain_pgp STATUS - from gpgv's status lines
explain_pgp() {
	by=$(awk '$2 == "NO_PUBKEY" { print $3; exit }' "$1")
	if [ "$by" ]; then
		echo "wrong signer: the signature is by $by, not by the key of KEY="
	elif grep -q BADSIG "$1"; then
		echo "was changed: it is not what was signed"
	elif grep -q -e EXPKEYSIG -e REVKEYSIG "$1"; then
		echo "wrong signer: the key of KEY= is expired or revoked"
	else
		echo "its signature is damaged"
	fi
}

refusal_ssh() {
	need ssh-keygen
	# words of the caller's file must not become options of the list
	public=$(sed -n '1s/^\([a-z0-9@.-]* [A-Za-z0-9+/=]*\).*/\1/p' "$KEY")
	case $public in
	ssh-* | ecdsa-* | sk-*) ;;
	*) die "KEY=$KEY" "is no public key of ssh" "it is the file that ends in .pub" ;;
	esac
	printf 'release namespaces="%s" %s\n' "$namespace" "$public" >"$tmp/allowed"
	if ssh-keygen -Y verify -f "$tmp/allowed" -I release -n "$namespace" -s "$2" <"$1" >"$tmp/log" 2>&1; then
		sed -n 's/.* //; 1p' "$tmp/log" >"$tmp/signed_by"
	elif ssh-keygen -Y check-novalidate -n "$namespace" -s "$2" <"$1" >"$tmp/log" 2>&1; then
		echo "wrong signer: the signature is by $(sed 's/.* //' "$tmp/log"), not by the key of KEY="
	elif grep -q 'incorrect signature' "$tmp/log"; then
		echo "was changed: it is not what was signed"
	else
		echo "its signature is damaged, or for another purpose"
	fi
}
