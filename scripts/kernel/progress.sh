# shellcheck shell=sh
# The moving line of a build on a terminal, sourced by kernel.sh after lib.sh.

# progress PID LOG TARGET - until PID ends: with V=1 the log as it grows; on a terminal one
# line that is rewritten each second; otherwise nothing. TARGET: kernel, modules or another.
progress() {
	if [ "${V:-0}" != 0 ]; then
		tail -f -n +1 --pid="$1" "$2"
	elif [ -t 1 ]; then
		began_at=$(date +%s) expected=$(expected_objects "$3") complete_build=1
		case $3 in
		kernel) [ ! -e "$obj/vmlinux" ] || complete_build= ;;
		*) [ ! -e "$obj/modules.order" ] || complete_build= ;;
		esac
		while kill -0 "$1" 2>/dev/null; do
			done_objects=$(grep -c '^  [A-Z]' "$2") || :
			printf '\r%s: %s\033[K' "$step" \
				"$(progress_text "$done_objects" "$expected" $(($(date +%s) - began_at)))"
			sleep 1
		done
		printf '\r\033[K'
	fi
}

# expected_objects TARGET - what a complete build of the variant takes; nothing where
# objects.list has no figure
expected_objects() {
	awk -v v="$variant" -v t="$1" '$1 == v && $2 == t { print $3 }' \
		"$root/scripts/kernel/objects.list"
}

# progress_text DONE EXPECTED SECONDS - done, expected and time left, as far as they are known.
# How much of a build is left that began with objects of an earlier one is not known.
progress_text() {
	if [ -z "$2" ]; then
		echo "$1 objects"
	elif [ -z "$complete_build" ]; then
		echo "$1 objects, at most about $2"
	elif [ "$1" = 0 ] || [ "$1" -ge "$2" ]; then
		echo "$1 of about $2 objects"
	else
		left=$(($3 * ($2 - $1) / $1))
		if [ $left -ge 90 ]; then left="$(((left + 30) / 60)) min"; else left="$left s"; fi
		echo "$1 of about $2 objects, about $left left"
	fi
}
