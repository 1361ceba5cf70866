# shellcheck shell=sh
# The pin of the line in upstream.lock, and which verified tarball it accepts. Sourced
# after lib.sh.
#   check_pin            die unless the pin is complete; sets $version $released $revision
#                        $signer $sources $pinned_inputs. The functions below need it.
#   pin_accepts RECORD   is RECORD the record of a tarball that the pin accepts?
#   find_tarball         set $tarball to the line's verified tarball in build/cache
#
# A record is what fetch.sh writes beside a tarball as <tarball>.verified, and unpack.sh
# copies into the tree, a line "KEY VALUE" each: sha256 (of the tarball), signer
# (fingerprint, "-" when no signature was checked), checked ("sha256", "pgp" or both),
# version, from (the address it came from).

# is_number TEXT
is_number() { case $1 in '' | *[!0-9]*) return 1 ;; esac; }

# bad_pin KEY VALUE [EXPECTED] - die: the line's section lacks KEY, or VALUE is invalid
bad_pin() {
	[ "$2" ] || die upstream.lock "[line \"$LTS\"] has no $1" "restore it: git checkout upstream.lock"
	die upstream.lock "[line \"$LTS\"] has $1 $2, $3"
}

# read_pin - set what check_pin sets from the line's section, unchecked
read_pin() {
	entries=$(git config -f "$lockfile" --list) ||
		die upstream.lock "git cannot read it" "restore it: git checkout upstream.lock"
	version='' released='' revision='' signer='' sources='' pinned_inputs='' found=''
	while IFS= read -r entry; do
		value=${entry#*=}
		# a duplicate key becomes two words, which no check accepts
		case $entry in
		"line.$LTS.version="*) version=$version${version:+ }$value ;;
		"line.$LTS.released="*) released=$released${released:+ }$value ;;
		"line.$LTS.revision="*) revision=$revision${revision:+ }$value ;;
		"line.$LTS.signer="*) signer=$signer${signer:+ }$value ;;
		"line.$LTS.source="*) add_source "$value" ;;
		"line.$LTS.inputs="*) pinned_inputs=$pinned_inputs${pinned_inputs:+ }$value ;;
		"line.$LTS."[!0-9]*) ;;
		*) continue ;;
		esac
		found=1
	done <<-EOF
		$entries
	EOF
}

# check_pin - die unless the line's section is complete; sets $version $released $revision
# $signer, $pinned_inputs (or empty), and $sources: a line "ADDRESS SHA256 SIGN-ADDRESS" each,
# "-" for what the source does not have. With GPU=1 the line must have a driver for it.
check_pin() {
	read_pin
	[ "$found" ] ||
		die "LTS=$LTS" "upstream.lock pins no such line" "pinned: $(lines | tr '\n' ' ')" \
			"choose one of these, or create a new line with make rebase"
	{ [ "${version#"$LTS".}" != "$version" ] && is_number "${version#"$LTS".}"; } ||
		bad_pin version "$version" "which is not a release of $LTS"
	case $released in
	[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]) ;;
	*) bad_pin released "$released" "expected YYYY-MM-DD" ;;
	esac
	is_number "$revision" || bad_pin revision "$revision" "expected a number"
	hex 40 "$signer" || bad_pin signer "$signer" "expected a fingerprint of 40 hex digits"
	[ "$sources" ] || bad_pin source ''
	[ -z "$pinned_inputs" ] || hex 7 "$pinned_inputs" || bad_pin inputs "$pinned_inputs" "expected 7 hex digits"
	[ -z "$gpu" ] || [ -f "$patches/series.gpu" ] || die "GPU=1" "$LTS has no pinned dxgkrnl" \
		"lines with one: $(gpu_lines)" \
		"docs/gpu.md says what another line needs; without GPU=1 the line is built as before"
}

# gpu_lines - the lines that GPU=1 can build, in one line
gpu_lines() {
	for line in $(lines); do
		[ ! -f "$root/patches/$line/series.gpu" ] || printf '%s ' "$line"
	done
}

# add_source ENTRY - check one `source` of the line and add it to $sources
add_source() {
	address=${1%% *} digest=- sign=-
	words=${1#"$address"}
	for word in $words; do
		case $word in
		sha256:*) digest=${word#*:} ;;
		sign:*) sign=${word#*:} ;;
		*) die upstream.lock \
			"[line \"$LTS\"] source $address: \"$word\" is neither sha256:… nor sign:…" ;;
		esac
	done
	[ "$digest" = - ] || hex 64 "$digest" || die upstream.lock \
		"[line \"$LTS\"] source $address: sha256:$digest is not 64 hex digits"
	[ "$digest$sign" != -- ] || die upstream.lock \
		"[line \"$LTS\"] source $address has neither sha256:… nor sign:…" \
		"an unverified tarball is never unpacked: git checkout upstream.lock"
	sources="$sources${sources:+
}$address $digest $sign"
}

# read_record RECORD - set $recorded_* from it; false when it cannot be read
read_record() {
	recorded_sha256='' recorded_signer='' recorded_checked='' recorded_version='' recorded_from=''
	while read -r key value; do
		case $key in
		sha256) recorded_sha256=$value ;;
		signer) recorded_signer=$value ;;
		checked) recorded_checked=$value ;;
		version) recorded_version=$value ;;
		from) recorded_from=$value ;;
		esac
	done 2>/dev/null <"$1"
}

# source_accepts ADDRESS SHA256 - is the tarball of the record this source's? Where the
# source has no digest, a signature by the pinned signer, checked for this version and
# this file name, stands for one.
source_accepts() {
	if [ "$2" != - ]; then
		[ "$recorded_sha256" = "$2" ]
	else
		[ "$recorded_version $recorded_signer ${recorded_from##*/}" = "$version $signer ${1##*/}" ]
	fi
}

pin_accepts() {
	read_record "$1" || return 1
	while read -r address digest _; do
		! source_accepts "$address" "$digest" || return 0
	done <<-EOF
		$sources
	EOF
	return 1
}

# find_tarball - false when build/cache has none, or the pin requires more than was checked
find_tarball() {
	while read -r address digest sign; do
		tarball=$cache/${address##*/}
		[ -f "$tarball" ] && read_record "$tarball.verified" || continue
		source_accepts "$address" "$digest" || continue
		[ "$sign" = - ] || [ "$recorded_signer" = "$signer" ] || continue
		return 0
	done <<-EOF
		$sources
	EOF
	tarball=
	return 1
}
