# shellcheck shell=sh
# What the distribution that make install runs in asks of a kernel. Sourced after lib.sh and
# windows.sh.

# kernel_for SYSTEMD - the oldest kernel, N.N, that this version of systemd runs on, where it is
# newer than our oldest line; from "minimum baseline" in systemd's README of each
kernel_for() {
	if [ "$1" -ge 260 ]; then
		echo 5.10
	elif [ "$1" -ge 258 ]; then
		echo 5.4
	fi
}

# check_userland - warn if $release is older than what the systemd here asks for. Without
# systemd nothing does. WSL boots every distribution with one kernel, of which this is one.
check_userland() {
	has=$(systemctl --version 2>/dev/null | sed -n '1s/^systemd \([0-9][0-9]*\).*/\1/p')
	asks=$(kernel_for "${has:-0}")
	[ "$asks" ] && ! at_least "$release" "$asks" || return 0
	# shellcheck disable=SC1091 # of the distribution
	name=$(. /etc/os-release && printf '%s' "$PRETTY_NAME") 2>/dev/null || name="this distribution"
	warn "systemd $has of $name" "asks for Linux $asks, and $release is older: \
with systemd=true in /etc/wsl.conf it may not start; a newer line has no such limit"
}
