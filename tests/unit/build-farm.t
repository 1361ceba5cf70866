#!/bin/sh
# A build on more than one machine, all of them 127.0.0.1: two distccd and a redis-server,
# and kbuild.sh with a tree of four small C files, which the compiler of this machine really
# compiles. Same bytes as here, a dead machine, shared objects, what must be compiled here.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 17
for program in ccache distcc distccd redis-server; do
	command -v $program >/dev/null && continue
	skip 17 "$program is not installed"
	exit 0
done
unset CCACHE_DISABLE DISTCC_DIR DISTCC_FALLBACK DISTCC_CMDLIST
# listen COMMAND... - start COMMAND --port PORT with a port that is free; sets $port
listen() {
	for port in $(shuf -i 20000-32000 -n 20); do
		"$@" --port "$port" >"$work/daemon.$port" 2>&1 &
		servers="$servers $!"
		within 10 grep -qE 'daemon started|Ready to accept|bind|in use' "$work/daemon.$port" || :
		grep -qE 'daemon started|Ready to accept' "$work/daemon.$port" && return 0
	done
	return 1
}
# the daemons have their own directory: distccd is not root there
mkdir "$work/tmp"
chmod 711 "$work"
chmod 1777 "$work/tmp"
export TMPDIR="$work/tmp"
listen setsid distccd --daemon --no-detach --log-stderr --log-level info --listen 127.0.0.1 --allow 127.0.0.1 --jobs 2
one=$port
listen setsid distccd --daemon --no-detach --log-stderr --log-level info --listen 127.0.0.1 --allow 127.0.0.1 --jobs 2
two=$port
listen redis-server --bind 127.0.0.1 --save '' --dir "$work/tmp"
redis=redis://127.0.0.1:$port
hosts="127.0.0.1:$one/3 127.0.0.1:$two/2"

# clone NAME - a project with a tree of its own and nothing built
clone() {
	project "$1"
	pin 9.1 9.1.5 "file:/none/linux-9.1.5.tar.xz sha256:$(printf '%064d' 0)"
	src=$project/build/9.1/src obj=$project/build/9.1/obj
	mkdir -p "$src" "$obj"
	# macros and blanks move the columns that a compiler sees behind the preprocessor
	for name in one two three; do
		cat >"$src/$name.c" <<-END
			#define LONGER_THAN_ITS_TEXT	int
			LONGER_THAN_ITS_TEXT   $name(LONGER_THAN_ITS_TEXT   a) { return a	+ __LINE__; }
			const char *${name}_file = __FILE__;
		END
	done
	echo text >"$obj/data"
	echo 'asm(".incbin \"data\"");' >"$src/data.c"
	cat >"$src/Makefile" <<-'END'
		objects = $(patsubst %,$(O)/%.o,one two three data)
		.PHONY: all
		all: $(objects)
		$(O)/%.o: $(CURDIR)/%.c; @cd $(O) && $(CC) $(KCFLAGS) -O2 -g -c -o $*.o $<
	END
}
# build NAME... [VAR=VALUE...] - build all, the local cache being $work/cache-NAME
build() {
	cache=$work/cache-$1
	shift
	rm -rf "$obj"/*.o
	run env CCACHE_DIR="$cache" "$@" scripts/kernel/kbuild.sh all
	compiled=$(CCACHE_DIR="$cache" ccache --print-stats | awk '$1 == "cache_miss" { print $2 }')
}
objects() { (cd "$obj" && sha256sum ./*.o); }
# code - the same without debug information
code() { for file in one two three data; do strip -g -o "$work/code" "$obj/$file.o" && sum "$work/code"; done; }
# sent PORT - how many files that machine has compiled
sent() { grep -c 'COMPILE_OK' "$work/daemon.$1" || :; }

clone a
build local
is "$rc $compiled" "0 3" "without either: all is compiled here"
here=$(objects) here_code=$(code)
build farm DISTCC_HOSTS="$hosts" CCACHE_REMOTE_STORAGE="$redis"
is "$rc $compiled" "0 3" "with two machines, into an empty cache"
is "$(($(sent "$one") + $(sent "$two")))" 3 "they compiled it"
is "$(code)" "$here_code" "to the same bytes, but for debug information"
farm=$(objects)
ok "! cat $work/daemon.$one $work/daemon.$two | grep -q data.c" "a file with .incbin is compiled here"
clone b
build second DISTCC_HOSTS="$hosts" CCACHE_REMOTE_STORAGE="$redis"
is "$rc $compiled" "0 0" "another clone with an empty cache compiles nothing"
is "$(objects)" "$farm" "and has the same objects"
build third CCACHE_REMOTE_STORAGE="file:$work/tmp/shared"
build fourth CCACHE_REMOTE_STORAGE="file:$work/tmp/shared"
is "$rc $compiled" "0 0" "objects are shared by a directory as well"
build dead DISTCC_HOSTS="127.0.0.1:1/2"
is "$rc $compiled $(objects)" "0 3 $farm" "a machine that does not answer: the same, compiled here"
build norepo CCACHE_REMOTE_STORAGE=redis://127.0.0.1:1
is "$rc $(objects)" "0 $here" "nor does a storage that does not answer stop it"
fake distcc 'echo sent'
run env PATH="$work/bin:$PATH" scripts/kernel/distcc.sh echo -c "$src/one.c"
is "$out" sent "a C file is sent"
run env PATH="$work/bin:$PATH" scripts/kernel/distcc.sh echo -fplugin=p.so -c "$src/one.c"
is "$out" "-fplugin=p.so -c $src/one.c" "not where a plugin of the compiler works on it"
run env PATH="$work/bin:$PATH" scripts/kernel/distcc.sh echo -c one.S
is "$out" "-c one.S" "nor assembler, which may read other files"
rm "$work/bin/distcc"

# ---- jobs and programs
fake make "echo \"\$*\" >$work/call"
run env PATH="$work/bin:$PATH" DISTCC_HOSTS="$hosts" scripts/kernel/kbuild.sh all
like "$(cat "$work/call")" ' -j5 all$' "as many jobs as DISTCC_HOSTS has slots"
run env PATH="$work/bin:$PATH" DISTCC_HOSTS="$hosts" J=3 scripts/kernel/kbuild.sh all
like "$(cat "$work/call")" ' -j3 all$' "or J="
without distcc
run env PATH="$work/without" DISTCC_HOSTS="$hosts" scripts/kernel/kbuild.sh all
like "$rc $err" '^1 kbuild: error: distcc: is not installed$' "DISTCC_HOSTS without distcc"
without ccache
run env PATH="$work/without" CCACHE_REMOTE_STORAGE="$redis" scripts/kernel/kbuild.sh all
like "$rc $err" '^1 kbuild: error: ccache: is not installed$' "CCACHE_REMOTE_STORAGE without ccache"
