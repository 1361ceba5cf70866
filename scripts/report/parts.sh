# shellcheck shell=sh
# The parts of the report, sourced by report.sh. NAME_part writes $tmp/NAME, a JSON value,
# and sets $file to the file that it was read from; it writes nothing when there is no data.

# source_of PART FILE - {PART: {file, date, older}}; older: a measurement from before the
# image was built. Without FILE null
source_of() {
	if [ -z "$2" ]; then
		jq -n --arg part "$1" '{($part): null}'
		return
	fi
	older=
	case $2 in
	"$build_dir/log/"* | "$build_dir/bench.json") older=$(find "$2" ! -newer "$dist/bzImage" 2>/dev/null) ;;
	esac
	jq -n --arg part "$1" --arg file "${2#"$root/"}" --arg date "$(date -r "$2" '+%F %H:%M')" \
		--arg older "$older" '{($part): {file: $file, date: $date, older: ($older != "")}}'
}

# to PART COMMAND... - its output is the part; an error of it is told, and leaves no part
to() {
	to=$1
	shift
	"$@" >"$tmp/$to" 2>"$tmp/why" || {
		warn "${file#"$root/"}" "cannot be read: $(head -n 1 "$tmp/why")"
		rm -f "$tmp/$to"
	}
}

boot_part() {
	file=$build_dir/log/boot.$variant
	[ ! -s "$file" ] || to boot jq -Rn -f "$here/boot.jq" "$file"
}

memory_part() {
	file=$build_dir/log/memory.$variant
	# bench-image.sh gives the machine 512 MB
	[ ! -s "$file" ] ||
		to memory jq -Rn --argjson machine $((512 * 1024)) -f "$here/memory.jq" "$file"
}

bench_part() {
	file=$build_dir/bench.json
	# shellcheck disable=SC2016 # jq's own
	[ ! -s "$file" ] || to bench jq --arg measured "$(date -r "$file" '+%F %H:%M')" \
		'if (.image | type) == "object" then . + {measured: $measured} else error("no figures") end' "$file"
}

# the objects are in vmlinux.a, before 6.1 in built-in.a and the two libraries
size_part() {
	file=$dist/vmlinux
	[ -f "$file" ] && [ -f "$obj/built-in.a" ] || return 0
	sizes=$(tool image-sizes)
	(cd "$obj" && for archive in vmlinux.a built-in.a lib/lib.a arch/x86/lib/lib.a; do
		# ar fails when an object is gone; the others are no image then
		[ ! -f "$archive" ] || ar t "$archive" 2>/dev/null || :
	done) >"$tmp/objects"
	# shellcheck disable=SC2016 # the shell's own parameters
	to size sh -c 'cd "$1" && "$2" "$3" <"$4"' sh "$obj" "$sizes" "$file" "$tmp/objects"
	# the objects are gone
	! jq -e '.objects == 0' "$tmp/size" >/dev/null || rm "$tmp/size"
}

queue_part() {
	file=$patches/series
	all=$(links)
	for patch in $(queue); do
		url=$(printf '%s\n' "$all" | awk -F '\t' -v name="$patch" '$1 == name { print $5 }')
		subject='' lines='' upstream='' hash=''
		if [ -f "$patches/$patch" ]; then
			subject=$(field Subject "$patches/$patch") lines=$(field Lines "$patches/$patch")
			upstream=$(field Upstream "$patches/$patch") hash=$(sha256 "$patches/$patch")
		fi
		jq -n --arg name "$patch" --arg subject "$subject" --arg lines "$lines" --arg url "$url" \
			--arg upstream "$upstream" --arg sha256 "$hash" '{name: $name, subject: $subject,
			lines: $lines, upstream: $upstream, url: $url, sha256: $sha256}'
	done | jq -s . >"$tmp/queue"
}

# rows NAME CONSOLE - the guest's rows and whether they are a pass (check-tap.sh)
rows() {
	file=$2
	[ -s "$file" ] || return 0
	to "$1.rows" jq -Rn -f "$here/tap.jq" "$file"
	[ -s "$tmp/$1.rows" ] || return 0
	# how QEMU ended is not kept; that the guest powered off is in the log
	verdict=$("$root/tests/lib/check-tap.sh" "$1" "$file" 0 /dev/null 2>&1 >/dev/null |
		sed -n '1s/^[^:]*: error: \(linux [^:]*: \)\{0,1\}//p')
	jq --arg verdict "$verdict" '. + {fault: (if $verdict == "" then null else $verdict end)}' \
		"$tmp/$1.rows" >"$tmp/$1"
}
smoke_part() { rows smoke "$build_dir/log/console.log"; }
hyperv_part() { rows hyperv "$build_dir/log/hyperv-rows.log"; }

# each feature with the first sentence of the comment at its head
features_part() {
	file=$root/config/features
	for feature in "$file"/*.config; do
		name=${feature##*/}
		case $name in *.*.config) continue ;; esac
		awk '!/^#/ { exit } { sub(/^# ?/, ""); text = text (NR > 1 ? " " : "") $0 } END { print text }' \
			"$feature" | jq -R --arg name "${name%.config}" '{name: $name,
			text: (ltrimstr($name + ": ") | split(". ")[0] // "" | rtrimstr("."))}'
	done | jq -s . >"$tmp/features"
}

devices_part() {
	file=$obj/modules.order
	[ -f "$file" ] && [ -f "$obj/modules.builtin" ] || return 0
	{
		sed 's/^/builtin:/' "$obj/modules.builtin"
		sed 's/^/module:/' "$file"
		sed 's/^/list:/' "$root/config/devices.list"
	} >"$tmp/drivers"
	to devices jq -Rn --arg line_name "$LTS" -f "$here/devices.jq" "$tmp/drivers"
}
