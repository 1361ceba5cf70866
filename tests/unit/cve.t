#!/bin/sh
# make cve: which CVEs affect a release, by the table and by CVE 5 records; what a build
# compiled; the queue's Fixes-CVE; and data that is broken. The program runs with ASan and UBSan.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 59
sanitized cve
project p
tab='	'

# ---- ten records, checked by hand against the published ones: the CVE, then whether it
# affects 4.19.325, 6.1.176 and 6.12.107 (y, n), then the table's other columns
cat >"$work/hand" <<'EOF'
CVE-2021-47024 ynn - net/vmw_vsock/virtio_transport_common.c 5.2:ac03046ece2b:5.10.37:b605673b523f;5.2:ac03046ece2b:5.13:8432b8114957;4.19.46:4af8a327aeba:0:0
CVE-2022-49098 nnn - drivers/hv/vmbus_drv.c 4.19.118:5e059fc0f054:4.19.238:6b4c0149a561;5.7:74347a99e73a:5.18:792f232d57ff
CVE-2022-49986 nnn - drivers/scsi/storvsc_drv.c 4.15:436ad9413353:4.19.257:b692c238ddfa;4.15:436ad9413353:6.0:d957e7ffb2c7
CVE-2024-26581 nnn 7.8 net/netfilter/nft_set_rbtree.c 4.19.316:8284a79136c3:4.19.316:c60d252949ca;6.1.43:89a4d1a89751:6.1.78:1296c110c5a0;6.5:f718863aca46:6.8:60c0c230c6f0;6.4.8:cd6673393239:0:0
CVE-2024-38635 ynn 7.8 drivers/soundwire/cadence_master.c 0:0:6.1.93:2ebcaa0e5db9;0:0:6.6.33:7eeef1e935d2;0:0:6.10:8ee1b439b154
CVE-2024-53103 nnn 7.8 net/vmw_vsock/hyperv_transport.c 4.14:ae0078fcf0a5:4.19.324:285266ef92f7;4.14:ae0078fcf0a5:6.1.117:98d8dde92322;4.14:ae0078fcf0a5:6.12.1:8621725afb38;4.14:ae0078fcf0a5:6.13:e629295bd60a
CVE-2025-38585 nyn - drivers/staging/media/atomisp/pci/atomisp_gmin_platform.c 4.12:a49d25364dfb:4.18:51b8dc5163d2;5.8:ad85094b293e:6.12.42:3d672fe065aa;5.8:ad85094b293e:6.17:ee4cf798202d
CVE-2026-31690 nnn - drivers/firmware/thead%2Cth1520-aon.c 6.15:e4b3cbd840e5:6.18.23:fbdb43f6bb2a;6.15:e4b3cbd840e5:7.0:88c4bd907255
CVE-2026-53132 nyn 7.1 net/vmw_vsock/virtio_transport_common.c 6.3:077706165717:6.12.94:1eca304f97a3;6.3:077706165717:7.1:059b7dbd20a6;6.1.63:5852a2b573f7:0:0
CVE-2026-53181 ynn - net/vmw_vsock/vmci_transport.c 3.9:d021c344051a:6.1.176:ea0b03d52881;3.9:d021c344051a:6.12.94:bcb275626055;3.9:d021c344051a:7.1:c05fa14db43e
EOF
awk -v OFS='\t' '{ print $1, $3, $4, $5 }' "$work/hand" >"$work/ten"
xz -k "$work/ten"
column=0
for release in 4.19.325 6.1.176 6.12.107; do
	column=$((column + 1))
	run "$program" --json $release "$work/ten.xz"
	is "$rc $(jq -r '[.cves[].id] | sort | join(" ")' "$work/out")" \
		"0 $(awk -v c=$column 'substr($2, c, 1) == "y" { print $1 }' "$work/hand" | paste -sd' ')" \
		"$release: the table agrees with the hand check"
done
run "$program" --row 6.1.175 "$work/ten"
is "$out" "6.1.175 3 0 0 3 0 0" "a release before its fix, from a table that is not compressed"
run "$program" --since 6.1.100 6.1.176 "$work/ten"
is "$(echo "$out" | sed 's/  release .*//')" "7.8   CVE-2024-53103
-     CVE-2026-53181
linux 6.1.176: closes 2 CVEs of 6.1.100; 0 affect only 6.1.176" "SINCE: what the step closes"
run "$program" --json 6.18.20 "$work/ten"
is "$(jq -r '.cves[].files[] | select(test(","))' "$work/out")" "drivers/firmware/thead,th1520-aon.c" "%2C is a comma of the name"

# ---- CVE 5. record FILE ID ENTRIES - a record; ENTRIES are those of `versions`
mkdir "$work/json"
record() {
	jq -n --arg id "$2" --argjson versions "$3" --arg file "${4:-net/a.c}" --arg state "${5:-PUBLISHED}" '{
		cveMetadata: {cveId: $id, state: $state}, containers: {cna: {
		metrics: [{cvssV3_1: {baseScore: 7.5}}],
		affected: [{product: "Linux", defaultStatus: "unaffected", versions: [
				{version: "1da177e4c3f4", lessThan: "002364b2d594", status: "affected", versionType: "git"}]},
			{product: "Linux", defaultStatus: "affected", programFiles: [$file], versions: $versions}]}}}' >"$work/json/$1"
}
# affects RELEASE - the ids that affect it, and the status
affects() {
	run "$program" --json "$1" "${2:-$work/json}"
	got="$rc $(jq -r '[.cves[].id[9:]] | sort | join(" ")' "$work/out")"
}
fixed='{"version": "6.1.93", "lessThanOrEqual": "6.1.*", "status": "unaffected", "versionType": "semver"},
	{"version": "6.10", "lessThanOrEqual": "*", "status": "unaffected", "versionType": "original_commit_for_fix"}'
record a.json CVE-2026-0001 "[{\"version\": \"5.2\", \"status\": \"affected\"},
	{\"version\": \"0\", \"lessThan\": \"5.2\", \"status\": \"unaffected\", \"versionType\": \"semver\"}, $fixed]"
record b.json CVE-2026-0002 "[$fixed, {\"version\": \"0\", \"lessThan\": \"6.6.33\", \"status\": \"affected\", \"versionType\": \"semver\"}]"
record c.json CVE-2026-0003 "[$fixed]" net/a.c REJECTED
for row in 4.19.325=0002 5.1.21=0002 "5.2=0001 0002" "6.1.92=0001 0002" 6.1.93= 6.1.176= "6.9.9=0001 0002" 6.10= 7.2.1=; do
	affects "${row%%=*}"
	is "$got" "0 ${row#*=}" "CVE 5: ${row%%=*}"
done
is "$(jq .records "$work/out")" 2 "a rejected record is none"
for archive in tar tar.gz tar.xz; do
	tar -C "$work" -caf "$work/json.$archive" json
	affects 5.2 "$work/json.$archive"
	is "$got" "0 0001 0002" "an archive, $archive"
done
git init -q "$work/zip"
cp -R "$work/json" "$work/zip"
git -C "$work/zip" add json
git -C "$work/zip" archive --format=zip -o "$work/json.zip" "$(git -C "$work/zip" write-tree)"
affects 5.2 "$work/json.zip"
is "$got" "0 0001 0002" "an archive, zip"

# ---- broken records: named, counted, status 3; the others count
# bad NAME REGEX TEXT - z.json is bad
bad() {
	affects 5.2
	is "$got $(jq .malformed "$work/out")" "3 0001 0002 1" "$1: status 3, and the others are read"
	like "$err" "z.json: not read: $2" "  it is named, and why"
}
head -c 300 "$work/json/a.json" >"$work/json/z.json"
bad "a truncated record" "line [0-9]*: "
record z.json CVE-2026-0009 '[{"version": "5.0", "lessThan": "5.1", "status": "affected", "versionType": "rpm"}]'
bad "an unknown version type" "an unknown version type"
record z.json CVE-2026-0009 '[{"version": "five", "status": "affected"}]'
bad "a version that is none" "a version that is none"
record z.json CVE-2026-0001 "[$fixed]"
bad "a CVE twice" "a second record"
record z.json CVE-2026-0009 "[$fixed]" ../../etc/passwd
bad "a path out of the tree" "a file name"
jq 'del(.containers.cna.affected[1])' "$work/json/a.json" | sed s/0001/0009/ >"$work/json/z.json"
bad "commits only" "it gives no releases"
: >"$work/json/z.json"
bad "an empty file" "it is empty"
jq -n --rawfile a "$work/json/a.json" '$a | fromjson | .cveMetadata.cveId = "CVE-2026-0009" |
	.containers.cna.descriptions = [{value: ("x" * 10485760)}]' >"$work/json/z.json"
affects 5.2
is "$got" "0 0001 0002 0009" "10 MB of text in a record"
rm "$work/json/z.json"
sed "1s/:0:0\$/:0/; 2s/-${tab}/11$tab/; 3s/^/x/" "$work/ten" >"$work/bad"
run "$program" --row 6.1.176 "$work/bad"
is "$rc $(echo "$err" | grep -c 'bad:[123]: .*: not read: ')" "3 3" "three bad rows of a table are named by line"
head -c 300 "$work/ten.xz" >"$work/cut.xz"
run "$program" --row 6.1.176 "$work/cut.xz"
like "$rc $err" '^1 cve: error: .*/cut.xz: ' "a truncated table is an error"
mkdir "$work/none"
run "$program" --row 6.1.176 "$work/none"
like "$rc $err" '^1 cve: error: .*none: has no record of a CVE$' "so is a folder without a record"
mkdir -p "$work/evil/x"
cp "$work/json/a.json" "$work/evil/escaped.json"
ln -s /etc/passwd "$work/evil/x/link.json"
tar -C "$work/evil/x" -cPf "$work/evil.tar" ../escaped.json link.json
rm "$work/evil/escaped.json"
affects 5.2 "$work/evil.tar"
is "$got $(find "$work/evil" "$project" -name 'escaped*')" "0 0001 " "paths out of an archive: read, nothing is written"

# ---- the build
mkdir -p "$project/build/9.1/stamp" "$project/build/9.1/obj" "$project/build/9.1/src"
cd "$project/build/9.1"
# compiled FILE FLAGS HEADER... - its .cmd file, and the files in the tree
compiled() {
	stem=${1%.c} flags=$2 dir=$(dirname "$1")
	mkdir -p "obj/$dir"
	{
		printf 'savedcmd_%s.o := gcc -D__KERNEL__ %s -c -o %s.o ../src/%s\n\n' "$stem" "$flags" "$stem" "$1"
		# shellcheck disable=SC2016 # what kbuild writes
		printf 'source_%s.o := ../src/%s\n\ndeps_%s.o := \\\n    $(wildcard include/config/X) \\\n' "$stem" "$1" "$stem"
		in_tree "$1"
		shift 2
		for header; do in_tree "$header"; printf '  %s/src/%s \\\n' "$PWD" "$header"; done
	} >"obj/$dir/.$(basename "$stem").o.cmd"
}
in_tree() { mkdir -p "src/$(dirname "$1")" && : >"src/$1"; }
compiled init/main.c '' include/linux/init.h include/linux/both.h
compiled net/in.c '' net/part.c
compiled net/mod.c -DMODULE include/linux/both.h include/linux/mod.h
compiled scripts/host.c '' net/off.h
in_tree net/off.c
in_tree net/off.h
: >stamp/kernel
echo -wsl3-x1a2b3c4 >stamp/localversion
: >stamp/modules
dyad=9.0:aaaaaaaaaaaa:0:0
while read -r id score file; do
	printf '%s\t%s\t%s\t%s\n' "CVE-2026-$id" "$score" "$file" $dyad
done >"$project/t.tsv" <<'EOF'
1001 7.0 net/in.c
1002 - net/part.c
1003 9.8 net/mod.c
1004 8.0 include/linux/both.h
1005 7.1 include/linux/mod.h
1006 10.0 net/off.c,net/off.h,net/Kconfig
1007 9.9 net/renamed.c
1008 - net/Kconfig
1009 8.1 net/off.c,net/in.c
EOF
release 9.1.5
pin 9.1 9.1.5 "file:/none sha256:$(printf %064d 0)"
pin 9.2 9.2.7 "file:/none sha256:$(printf %064d 0)"
cve() { run env CVE_DATA=t.tsv "$@" scripts/report/cve.sh; }
cve
is "$rc" 0 "make cve"
is "$(echo "$out" | awk '$2 ~ /^CVE-/ { print $1, $2, $3 }')" "9.9 CVE-2026-1007 unknown
9.8 CVE-2026-1003 module
8.1 CVE-2026-1009 image
8.0 CVE-2026-1004 image
7.1 CVE-2026-1005 module
7.0 CVE-2026-1001 image
- CVE-2026-1002 image
- CVE-2026-1008 unknown" "where the code is: included files, headers; a renamed file and Kconfig are not called safe"
like "$out" '^linux 9.1.5: 9 of 9 CVEs affect it: 4 in the image, 2 in modules, 2 unknown, 1 not compiled, 0 fixed by the queue$' "the totals"
vex=$project/dist/9.1/openvex.json
is "$(jq -r '[.statements[] | .status] | group_by(.) | map("\(.[0]) \(length)") | join(", ")' "$vex")" \
	"affected 6, not_affected 1, under_investigation 2" "the OpenVEX document"
is "$(jq -r '.statements[] | select(.status == "not_affected") | .vulnerability.name + " " + .justification' "$vex")" \
	"CVE-2026-1006 vulnerable_code_not_present" "  says not_affected only of what is not compiled"
is "$(jq -r '[.. | objects | .["@id"]? // empty] | map(select(test("^pkg:"))) | unique[]' "$vex")" pkg:generic/linux@9.1.5-wsl3-x1a2b3c4 "  and names the build"
cve CVSS_MIN=9.8
is "$rc" 10 "CVSS_MIN: status 10"
like "$err" '^cve: error: linux 9.1.5: 2 open CVEs have a score of 9.8 or more; 2 have none$' "  and how many"
cve CVSS_MIN=9.95
is "$rc" 0 "CVSS_MIN above all open ones, below one that is not compiled: status 0"
rm stamp/modules
cve
like "$out" '4 in the image, 2 in modules, 3 unknown, 0 not compiled' "without the modules nothing is called not compiled"
: >stamp/modules
sed -i 's|init/main.c|elsewhere.c|' obj/init/.main.o.cmd
cve
is "$rc" 1 "paths of another tree are an error"
like "$err" '^cve: error: .*/obj: its .cmd files do not name init/main.c' "  which is named"
rm stamp/kernel
cve
like "$out" '0 in the image, 0 in modules, 9 unknown, 0 not compiled' "no build: all unknown"
like "$err" 'build/9.1: is not built' "  and it says so"

# ---- the queue
cd "$project"
patch=$(sed -n '/^[^#]/p' patches/9.1/series | head -n 1)
sed -i '1i Fixes-CVE: CVE-2026-1003, CVE-2026-1007' "patches/9.1/$patch"
git config -f upstream.lock 'link.net/far.patch.fixes-cve' "CVE-2026-1009 CVE-2020-9999"
git config -f upstream.lock 'link.net/far.patch.lines' 9.1
echo net/far.patch >>patches/9.1/series
cve CVSS_MIN=8.05
like "$out" '9 of 9 CVEs affect it: .* 3 fixed by the queue$' "Fixes-CVE of a patch and of a link"
is "$(echo "$out" | grep -cE '100[379]')" 0 "  takes its CVEs off"
like "$err" 'far.patch: Fixes-CVE: CVE-2020-9999 does not affect 9.1.5' "  and one that does not affect the pin is named"
cve LTS=all
is "$(echo "$out" | awk 'NR > 1 { print $1, $2, $7 }')" "9.1.5 9 3
9.2.7 9 0" "LTS=all: a row a line"
sed -i '1s/1007/10x7/' "patches/9.1/$patch"
run scripts/queue/check-series.sh
like "$rc $err" '^1 check-series: error: .* its Fixes-CVE: field has "CVE-2026-10x7", which is no CVE$' "check-series refuses a wrong one"
run scripts/report/cve.sh
like "$rc $err" '^1 cve: error: build/cache/kernel-cves.tsv.xz: does not exist$' "no data"
