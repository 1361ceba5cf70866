# shellcheck shell=sh
# A build of line 9.1 to release, of small files; sourced after project.sh. Gives
#   release_tools    build what the release scripts run
#   sanitized_tools NAME...  these with the sanitizers
#   release_build    in $project: pin, tarball in the cache, a queue with an external patch,
#                    and $dist with a manifest that manifest.sh wrote. What the packages of this
#                    machine are is asked once, as that takes a second.
#   build_again      $dist is another build, of the lock and the queue as they are now
#   in_git           $project is a repository with one commit
dist=

release_tools() {
	build_tools link-entries
	tarball 9.1.5
	printf 'Subject: far away\n\n--- a/net/far.c\n+++ b/net/far.c\n@@ -0,0 +1 @@\n+far\n' >"$work/www/away.patch"
	"$top/scripts/release/packages.sh" >"$work/packages"
}

sanitized_tools() {
	mkdir -p "$work/tools"
	for name; do
		sanitized "$name"
		cp "$program" "$work/tools"
	done
}

release_build() {
	dist=$project/dist/9.1
	meta=$project/build/9.1/src/.queue
	mkdir -p "$dist" "$meta" "$project/build/9.1/obj/include/config" "$project/build/cache"
	pin 9.1 9.1.5 "$(source_of 9.1.5)"
	git config -f "$project/upstream.lock" link.far/away.patch.url https://example.org/away.patch
	git config -f "$project/upstream.lock" link.far/away.patch.sha256 "$(sum "$work/www/away.patch")"
	git config -f "$project/upstream.lock" link.far/away.patch.lines 9.1
	mkdir -p "$project/patches/9.1/far"
	cp "$work/www/away.patch" "$project/patches/9.1/far"
	echo far/away.patch >>"$project/patches/9.1/series"
	cp "$work/www/linux-9.1.5.tar.xz" "$project/build/cache"
	digest=$(sum "$work/www/linux-9.1.5.tar.xz")
	printf 'sha256 %s\nsigner -\nchecked sha256\nversion 9.1.5\nfrom file:%s\n' "$digest" \
		"$work/www/linux-9.1.5.tar.xz" | tee "$meta/verified" >"$project/build/cache/linux-9.1.5.tar.xz.verified"
	echo "$digest" >"$meta/base"
	echo '# configuration of 9.1.5' >"$project/build/9.1/obj/.config"
	record_inputs 9.1
	build_again
	printf '#!/bin/sh\ncat "%s"\n' "$work/packages" >"$project/scripts/release/packages.sh"
}

build_again() {
	release=9.1.5-wsl$(git config -f "$project/upstream.lock" line.9.1.revision)
	echo "$release" >"$project/build/9.1/obj/include/config/kernel.release"
	for name in bzImage vmlinux System.map modules.tar.gz modules.vhdx linux-headers.tar.zst; do
		echo "$name of $release" >"$dist/$name"
	done
	cp "$project/build/9.1/obj/.config" "$dist/config"
	(cd "$project" && LTS=9.1 scripts/kernel/manifest.sh)
}

in_git() {
	git -C "$project" init -q
	printf '/build/\n/dist/\n/releases/\n' >"$project/.gitignore"
	echo 'far/' >"$project/patches/9.1/.gitignore"
	git -C "$project" add -A
	git -C "$project" -c user.name=a -c user.email=a@example.org commit -qm all
}
