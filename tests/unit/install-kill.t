#!/bin/sh
# make install, killed before each program that changes something and in the middle of a
# copy: .wslconfig is the old one or the new one, what it names is there whole, and rollback
# and uninstall work. (wslconfig.t kills the program that writes .wslconfig at each of its
# system calls.)
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
. "$(dirname "$0")/../lib/windows.sh"
plan 6
build_tools wslconfig
project p
pin 9.1 9.1.5 'file:/none sha256:none'
wslconfig=$work/tools/wslconfig
mine='C:\my\k' first='C:\Users\ann\wsl-kernel\9.1.5-wsl3\bzImage' second='C:\Users\ann\wsl-kernel\9.1.6-wsl1\bzImage'
windows ann
printf '[wsl2]\nmemory=4GB\nkernel=C:\\\\my\\\\k\n' >"$config"
cp "$config" "$work/was"
cp -R "$drive" "$work/drive.user"
built 9.1 9.1.5-wsl3 one
mkdir "$work/good"
cp -R "$dist" "$work/good/9.1.5-wsl3"
run scripts/install/install.sh
cp -R "$drive" "$work/drive.first"
built 9.1 9.1.6-wsl1 two
cp -R "$dist" "$work/good/9.1.6-wsl1"

# each call of these programs counts; the call number in $work/at kills all that runs; half: a
# copy gets half of the first file
for program in mkdir cp sync mv rm; do
	half=:
	[ $program != cp ] || half="[ \"\$at\" != half ] || { for word; do last=\$word; done
head -c 1500 \"\$1\" >\"\$last/bzImage\"; kill -9 0; }"
	fake $program "read -r at <'$work/at'
echo >>'$work/calls'
[ \"\$(wc -l <'$work/calls')\" != \"\$at\" ] || kill -9 0
$half
exec $(command -v $program) \"\$@\""
	mkdir -p "$work/killers"
	/bin/mv "$work/bin/$program" "$work/killers"
done

kernel() { "$wslconfig" get "$config" wsl2.kernel; }
# whole - are the files that .wslconfig names those that were built?
whole() {
	for key in kernel kernelModules; do
		path=$("$wslconfig" get "$config" wsl2.$key) || continue
		[ "$path" != "$mine" ] || continue
		path=${path#C:\\Users\\ann\\wsl-kernel\\}
		cmp -s "$home/wsl-kernel/${path%\\*}/${path#*\\}" "$work/good/${path%\\*}/${path#*\\}" || return 1
	done
}

# killed DRIVE OLD NEW NAME - install the second or first release over DRIVE, where WSL reads
# the kernel OLD, until it reaches its end; three rows
killed() {
	odd='' kills=0 olds=0 news=0
	for at in half $(seq 40); do
		rm -rf "$drive" "$work/calls"
		cp -R "$work/drive.$1" "$drive"
		rc=0
		echo "$at" >"$work/at"
		(cd "$project" && env PATH="$work/killers:$PATH" setsid -w scripts/install/install.sh ||
			exit $?) >"$work/out" 2>"$work/err" </dev/null || rc=$?
		[ $rc != 0 ] || break
		kills=$((kills + 1))
		now=$(kernel) && before=$now
		case $now in
		"$2") olds=$((olds + 1)) before=$mine ;;
		"$3") news=$((news + 1)) before=$2 ;;
		*) odd="$odd $at:reads:$now" ;;
		esac
		whole || odd="$odd $at:files"
		run scripts/install/rollback.sh
		[ "$rc $(kernel)" = "0 $before" ] && whole || odd="$odd $at:rollback:$(kernel)"
		run scripts/install/uninstall.sh
		cmp -s "$config" "$work/was" && [ ! -e "$home/wsl-kernel" ] || odd="$odd $at:uninstall"
	done
	is "$odd" "" "$4, killed $kills times: the old or the new state, and both ways back"
	is "$rc $(kernel)" "0 $3" "and not killed it is installed"
	ok "[ $kills -gt 6 ] && [ $olds -gt 0 ] && [ $news -gt 0 ]" "$olds times it was the old one, $news times the new one"
}
killed first "$first" "$second" "an upgrade"
rm -rf "$dist"
cp -R "$work/good/9.1.5-wsl3" "$dist"
killed user "$mine" "$first" "the first install"
