# shellcheck shell=sh
# What the programs of tools/ about a build's documents read; sourced after lib.sh.

# file_line FILE NAME - "SHA256 SHA1 NAME": SPDX requires the SHA1 of each file
file_line() {
	one=$(sha256sum <"$1")
	two=$(sha1sum <"$1")
	printf '%s %s %s\n' "${one%% *}" "${two%% *}" "$2"
}
