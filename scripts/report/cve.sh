#!/bin/sh
# Which published CVEs affect the pin, and is their code in the build? CVE_DATA= is the data,
# build/cache/kernel-cves.tsv.xz by default, or that of a directory MIRROR=; docs/cve.md has its forms and what is counted.
# Prints the CVEs whose code is or may be in the image or a module, the highest score first,
# and the totals; JSON=1 prints all that affect the pin. Writes dist/<line>/openvex.json if
# there is a build. SINCE=RELEASE prints instead what the step from there closes, LTS=all the
# totals of each line. Exit 0; 10: with CVSS_MIN=SCORE an open CVE has that score or more;
# 3: records could not be read (make itself exits 2 for both); 1 an error.
all=
[ "${LTS:-}" != all ] || { all=1; unset LTS; }
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/series.sh"
. "$root/scripts/lib/links.sh"
case $*,$# in
,0 | row,1) mode=${1:-} ;;
*) usage "LTS=x.y [CVE_DATA=FILE] [JSON=1] [SINCE=RELEASE] [CVSS_MIN=SCORE] cve.sh" ;;
esac
data=${CVE_DATA:-$cache/kernel-cves.tsv.xz}
mirrored=${MIRROR:-}
mirrored=${mirrored#file:}/kernel-cves.tsv.xz
[ -e "$data" ] || [ "${CVE_DATA:-}" ] || [ ! -f "$mirrored" ] || data=$mirrored
[ -e "$data" ] || die "${data#"$root/"}" "does not exist" \
	"CVE_DATA= takes a folder or an archive of the records, or the table: docs/cve.md"
[ -z "${SINCE:-}" ] || [ "${JSON:-0}$all$mode" = 0 ] || die SINCE= "goes with neither JSON=1 nor LTS=all" \
	"leave one of them out"

# every_line - the totals of each line; the status is the most severe one
every_line() {
	printf '%-9s %8s %6s %8s %8s %13s %6s\n' RELEASE AFFECTED IMAGE MODULES UNKNOWN "NOT COMPILED" QUEUE
	worst=0
	for line in $(lines); do
		rc=0
		row=$(LTS=$line "$root/scripts/report/cve.sh" row) || rc=$?
		# shellcheck disable=SC2086 # the columns
		[ -z "$row" ] || printf '%-9s %8s %6s %8s %8s %13s %6s\n' $row
		case $rc,$worst in 0,* | 10,[13] | 3,1) ;; *) worst=$rc ;; esac
	done
	return $worst
}

# fixed - a line "CVE PATCH" for each that the queue declares to fix
fixed() {
	for patch in $(queue); do
		if is_external "$patch"; then
			git config -f "$lockfile" --get-all "link.$patch.fixes-cve" || :
		elif [ -f "$patches/$patch" ]; then
			fixes_cve "$patches/$patch"
		fi | tr -s ', ' '\n' | sed "/./!d; s|\$| $patch|"
	done
}

if [ "$all" ]; then
	[ "${JSON:-0}" = 0 ] || die JSON=1 "does not go with LTS=all" "name a line"
	every_line
	exit
fi
check_pin
tempdir
cve=$(tool cve)
fixed >"$tmp/fixed"
set -- --fixed "$tmp/fixed" ${CVSS_MIN:+--min "$CVSS_MIN"}
if [ "${SINCE:-}" ]; then
	set -- "$@" --since "$SINCE"
elif [ -f "$build_dir/stamp/kernel" ]; then
	state=$("$root/scripts/kernel/built.sh" 2>&1 | head -n 1) || :
	case $state in
	"up to date"*) ;;
	*) warn "dist/$variant" "is not what make modules would build now ($state)" ;;
	esac
	set -- "$@" --build "$obj" "$src"
	[ -f "$build_dir/stamp/modules" ] || {
		warn "build/$variant" "its modules are not built; what may be in one is unknown: make modules LTS=$LTS$gpu"
		set -- "$@" --no-modules
	}
	[ "$mode" ] || {
		mkdir -p "$dist"
		set -- "$@" --vex "$dist/openvex.json" "pkg:generic/linux@$version$(cat "$build_dir/stamp/localversion")"
	}
else
	warn "build/$variant" "is not built; where the code is, is unknown: make modules LTS=$LTS$gpu"
fi
[ -z "$mode" ] || set -- "$@" --row
[ "${JSON:-0}" = 0 ] || set -- "$@" --json
rc=0
"$cve" "$@" "$version" "$data" || rc=$?
exit $rc
