# shellcheck shell=sh
# Temporary PGP keys, sourced after project.sh. Gives the fingerprints $signer, the
# pinned one, and $stranger, and
#   trust             put the signer's public key into $project/keys
#   sign KEY FILE OUT [OPTION-OF-GPG]   a detached signature by KEY over FILE
GNUPGHOME=$work/gnupg
export GNUPGHOME
mkdir -m 700 "$GNUPGHOME"

# new_key NAME [OPTION-OF-GPG EXPIRES] - print its fingerprint
new_key() {
	# shellcheck disable=SC2086 # options
	gpg --batch --quiet ${2:-} --pinentry-mode loopback --passphrase '' \
		--quick-gen-key "$1" ed25519 sign "${3:-never}" 2>"$work/gpg.log"
	gpg --batch --with-colons --list-keys "$1" 2>/dev/null | awk -F: '$1 == "fpr" { print $10; exit }'
}
signer=$(new_key 'Release <release@example.org>')
stranger=$(new_key 'Stranger <stranger@example.org>')

trust() { gpg --batch --armor --export "$signer" >"$project/keys/$signer.asc"; }
# shellcheck disable=SC2086 # options
sign() { gpg --batch --quiet ${4:-} --yes --local-user "$1" --output "$3" --detach-sign "$2" 2>>"$work/gpg.log"; }
