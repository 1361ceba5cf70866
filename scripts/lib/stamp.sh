# shellcheck shell=sh
# Whether a step has anything to do: it compares a hash of its inputs with the one it
# stored when it last finished. Sourced after lib.sh.
. "$root/scripts/lib/series.sh"
. "$root/scripts/lib/toolchain.sh"

# key WORD... - the hash of its standard input and of the scripts named
key() {
	sum=$(cd "$root/scripts" && cat - "$@" | sha256sum)
	printf '%s\n' "${sum%% *}"
}

# fresh STAMP KEY - true when STAMP holds KEY: the step's inputs have not changed
fresh() { { read -r had <"$1"; } 2>/dev/null && [ "$had" = "$2" ]; }

# stamp STAMP KEY - store the hash of the inputs of a finished step
stamp() {
	mkdir -p "$(dirname "$1")"
	printf '%s\n' "$2" | replace "$1"
}

# intact NAME... - are these outputs in dist/<line>, with the sizes that manifest.json has?
intact() {
	for output; do
		bytes=$(jq -r --arg name "$output" '.outputs[$name].bytes' "$dist/manifest.json" 2>/dev/null) &&
			[ "$(stat -c %s "$dist/$output" 2>/dev/null)" = "$bytes" ] || return 1
	done
}

# queue_key BASE, config_key FRAGMENT..., kernel_key kernel|modules - the hash of all
# inputs of the step. status.sh compares them as the steps do.
queue_key() {
	{
		echo "$1"
		cat "$patches/series" ${gpu:+"$patches/series.gpu"}
		queue | sed "s|^|$patches/|" | xargs -r cat 2>/dev/null || :
	} | key tree/prepare.sh tree/push.sh tree/states.sh
}
config_key() {
	tools=$(toolchain)
	{
		cat "$@" "$root/config/conflicts.list"
		[ -z "${MODULES:-}" ] || cat "$root/config/builtin.config"
		echo "${MODULES:-}"
		head -n 1 "$tree_meta/index"
		echo "$tools"
	} | key config/config.sh kernel/kbuild.sh lib/fragments.sh ../tools/config-check.c \
		../tools/fragment-check.c ../tools/kconfig.c ../tools/text.c
}
kernel_key() {
	tools=$(toolchain)
	{
		head -n 1 "$tree_meta/index"
		cat "$obj/.config" "$tree_meta/base"
		# the manifest says what was verified; a copy of TREE has no record
		cat "$tree_meta/verified" 2>/dev/null || :
		printf '%s\n' "$version" "$released" "$revision" "$1"
		cat "$build_dir/stamp/localversion" 2>/dev/null || :
		echo "$tools"
	} | key kernel/kernel.sh kernel/kbuild.sh kernel/manifest.sh
}

# has_queue MANIFEST - does it name the patches as they are now?
has_queue() {
	[ "$(jq -r '.patches[] | "\(.sha256)  \(.name)"' "$1")" = \
		"$(cd "$patches" && queue | xargs -r sha256sum 2>/dev/null)" ]
}
