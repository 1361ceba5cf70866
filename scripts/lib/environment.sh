# shellcheck shell=sh
# Which variables of the caller's environment have a part in a step. Sourced by lib.sh as soon
# as it knows $root and $step; never run.
#
# make takes every exported variable for one of its own, so what a shell exports can change the
# build in more ways than a list of bad names has: KCONFIG_CONFIG writes the .config elsewhere,
# CFLAGS_KERNEL and CPATH change the code, QUILT_PC and SIMPLE_BACKUP_SUFFIX the tree. The list
# is of those that are kept. All others are unset, for everything that a script starts.

# is_kept NAME - may the variable reach the programs?
is_kept() {
	case $1 in
	# the project's own: scripts/variables.list
	LTS | V | TARGET | MIRROR | TREE | EXTRA | WITHOUT | WITH | MODULES | GPU | DEBUG | CC | LLVM | J) ;;
	DISTCC_* | CCACHE_* | MENU | BASELINE | TIMEOUT | CMDLINE | WSL | SELFTEST | CPUS | HOST_BUILD) ;;
	SEED | VERSION | OUTER | INITRD | SYSTEM | MEM | ROOTFS | SHARE | KEEP | FROM | SOURCE) ;;
	SHA256 | QUICK | CONTINUE | SKIP | ABORT | CHECK | FORCE) ;;
	DRYRUN | DESTDIR | PATCH | LAYOUT | DIR | DISKS | HOSTILE | RATE | SHRINK | TRIES) ;;
	CVE_DATA | CVSS_MIN | SINCE | JSON) ;;
	KEY | CERT | FILE | MANIFEST) ;;
	# the user, the terminal and the display, for menuconfig and xconfig
	PATH | HOME | USER | LOGNAME | SHELL | PWD | TMPDIR | XDG_*) ;;
	TERM | COLORTERM | NO_COLOR | COLUMNS | LINES | DISPLAY | WAYLAND_DISPLAY | XAUTHORITY) ;;
	MENUCONFIG_* | NCONFIG_MODE) ;;
	# LC_ALL below has the say; ccache compiles again what it has compiled with another LANG
	LANG) ;;
	# the dynamic linker, which has to find a compiler's libraries; fakeroot and the like
	LD_LIBRARY_PATH | LD_PRELOAD | FAKEROOT*) ;;
	# the network
	http_proxy | https_proxy | ftp_proxy | all_proxy | no_proxy) ;;
	HTTP_PROXY | HTTPS_PROXY | FTP_PROXY | ALL_PROXY | NO_PROXY) ;;
	CURL_CA_BUNDLE | CURL_HOME | SSL_CERT_FILE | SSL_CERT_DIR | APT_CONFIG) ;;
	# who commits, and git's settings; not GIT_DIR, which a hook of another repository sets
	GIT_AUTHOR_* | GIT_COMMITTER_* | GIT_CONFIG_* | GIT_SSL_* | GIT_CEILING_DIRECTORIES | EMAIL) ;;
	# where the keys are that sign a release
	GNUPGHOME | GPG_TTY | SSH_AUTH_SOCK) ;;
	# what reaches Windows' programs from WSL
	WSL_* | WSLENV) ;;
	*) return 1 ;;
	esac
}

# a name that is exported already would stay so; and a second line of a value may look like one
set -- "$root" "$step" "$@"
unset root step
while IFS= read -r exported; do
	exported=${exported#export }
	exported=${exported%%=*}
	case $exported in
	'' | [0-9]* | *[!A-Za-z0-9_]*) ;;
	# a shell may export what it does not let go of: bash SHELLOPTS
	*) is_kept "$exported" || command unset "$exported" 2>/dev/null || : ;;
	esac
done <<END
$(export -p)
END
unset exported
root=$1 step=$2
shift 2
# messages that a script can read, the same order and times everywhere
LC_ALL=C TZ=UTC0
export LC_ALL TZ
