# shellcheck shell=sh
# The pin of the line in upstream.lock, sourced after lib.sh.
#   check_pin    die unless it is whole; sets $version $released $revision $signer $sources

# number TEXT - is it one?
number() { case $1 in '' | *[!0-9]*) return 1 ;; esac; }

# pinned KEY VALUE [EXPECTED] - die: the line's section lacks the key, or its value is bad
pinned() {
	[ "$2" ] || die upstream.lock "[line \"$LTS\"] has no $1" "put the entry back: git checkout upstream.lock"
	die upstream.lock "[line \"$LTS\"] has $1 $2, $3"
}

# check_pin - die unless the line's section is whole; sets $version $released
# $revision $signer, and $sources: a line "ADDRESS SHA256 SIGN-ADDRESS" each,
# "-" for what the source does not have
check_pin() {
	entries=$(git config -f "$lockfile" --list) ||
		die upstream.lock "git cannot read it" "put it back: git checkout upstream.lock"
	version='' released='' revision='' signer='' sources='' found=''
	while IFS= read -r entry; do
		value=${entry#*=}
		# a key that is there twice has two words, which is never right
		case $entry in
		"line.$LTS.version="*) version=$version${version:+ }$value ;;
		"line.$LTS.released="*) released=$released${released:+ }$value ;;
		"line.$LTS.revision="*) revision=$revision${revision:+ }$value ;;
		"line.$LTS.signer="*) signer=$signer${signer:+ }$value ;;
		"line.$LTS.source="*) check_source "$value" ;;
		"line.$LTS."[!0-9]*) ;;
		*) continue ;;
		esac
		found=1
	done <<-EOF
		$entries
	EOF
	[ "$found" ] || die "LTS=$LTS" "upstream.lock pins no such line" "pinned: $(lines | tr '\n' ' ')" \
		"choose one of these, or move to a new line with make rebase"
	{ [ "${version#"$LTS".}" != "$version" ] && number "${version#"$LTS".}"; } ||
		pinned version "$version" "which is no release of $LTS"
	case $released in
	[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]) ;;
	*) pinned released "$released" "expected YYYY-MM-DD" ;;
	esac
	number "$revision" || pinned revision "$revision" "expected a number"
	hex 40 "$signer" || pinned signer "$signer" "expected a fingerprint of 40 hex digits"
	[ "$sources" ] || pinned source ''
}

# check_source ENTRY - one `source` of the line, added to $sources
check_source() {
	where=${1%% *} sum=- sign=-
	words=${1#"$where"}
	for word in $words; do
		case $word in
		sha256:*) sum=${word#*:} ;;
		sign:*) sign=${word#*:} ;;
		*) die upstream.lock "[line \"$LTS\"] source $where: \"$word\" is neither sha256:… nor sign:…" ;;
		esac
	done
	[ "$sum" = - ] || hex 64 "$sum" ||
		die upstream.lock "[line \"$LTS\"] source $where: sha256:$sum is not 64 hex digits"
	[ "$sum$sign" != -- ] ||
		die upstream.lock "[line \"$LTS\"] source $where has neither sha256:… nor sign:…" \
			"an unverified tarball is never unpacked: git checkout upstream.lock"
	sources="$sources${sources:+
}$where $sum $sign"
}
