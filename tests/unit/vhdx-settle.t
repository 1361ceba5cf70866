#!/bin/sh
# tools/vhdx-settle: two VHDX files of the same content become one, which QEMU reads as
# before; and a file that is damaged, or whose log has to be replayed, is left as it is.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 49
if ! command -v qemu-img >/dev/null; then
	skip 49 "qemu-img is not installed"
	exit
fi
sanitized vhdx-settle
project=$work
digest=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
kb=1024 mb=1048576

# vhdx FILE [OPTIONS] - of $work/raw, as QEMU writes it
vhdx() { qemu-img convert -t unsafe -f raw -O vhdx ${2:+-o "$2"} "$work/raw" "$work/$1"; }
# hex FILE OFFSET BYTES - as digits
hex() { od -An -tx1 -v -j "$2" -N "$3" "$work/$1" | tr -d ' \n'; }
# set_bytes FILE OFFSET HEX
set_bytes() {
	perl -e 'open F, "+<", $ARGV[0]; seek F, $ARGV[1], 0; print F pack "H*", $ARGV[2]' "$work/$1" "$2" "$3"
}
# sign FILE OFFSET BYTES - compute the CRC-32C of a header or region table anew
sign() {
	perl -e 'open F, "+<", $ARGV[0]; seek F, $ARGV[1], 0; read F, $d, $ARGV[2];
		substr($d, 4, 4) = "\0" x 4; $c = 0xffffffff;
		for (unpack "C*", $d) { $c ^= $_; $c = $c >> 1 ^ ($c & 1 ? 0x82f63b78 : 0) for 1 .. 8 }
		seek F, $ARGV[1] + 4, 0; print F pack "V", $c ^ 0xffffffff' "$work/$1" "$2" "$3"
}
settle() { run "$program" "$work/$1" "${2:-$digest}"; }
# same_content FILE - does QEMU find the file sound, and in it what the raw file has?
same_content() {
	qemu-img check -q "$work/$1" && qemu-img compare -q -f raw -F vhdx "$work/raw" "$work/$1"
}

# random data, zeroes, and data that ends within a block of 8 MB
{ head -c 3000000 /dev/urandom; head -c 17000000 /dev/zero; head -c 971520 /dev/urandom; } >"$work/raw"
vhdx a
vhdx b
ok "! cmp -s '$work/a' '$work/b'" "QEMU writes two different files of the same content"
cp "$work/a" "$work/new"
settle a
is "$rc$err$out" 0 "one is settled"
settle b
is "$rc$err$out" 0 "and the other"
ok "cmp '$work/a' '$work/b'" "they are the same now"
ok "same_content a" "QEMU finds no error, and the content is the same"
is "$(hex a $((64 * kb + 16)) 32)" "$digest" "file write and data write GUID are those of the digest"
is "$(hex a $((128 * kb + 16)) 32)" "$digest" "in the second header as well"
is "$(hex a $((64 * kb + 8)) 8) $(hex a $((128 * kb + 8)) 8)" "0100000000000000 0200000000000000" "the sequence numbers"
is "$(hex a 8 512 | tr -d 0)" "" "no program is named"
is "$(hex a $mb $mb | tr -d 0)" "" "the log is empty"
# the metadata is at 3 MB; its entries are 32 bytes each, behind 32
item=$(for n in 0 1 2 3 4; do
	[ "$(hex a $((3 * mb + 32 + 32 * n)) 16)" != ab12cabee6b2234593efc309e000c746 ] || echo $((3 * mb + 32 + 32 * n))
done)
offset=$(od -An -tu4 -j $((item + 16)) -N 4 "$work/a" | tr -d ' ')
is "$(hex a $((3 * mb + offset)) 16)" 08090a0b0c0d0e0f1011121314151617 "the page 83 GUID"
cp "$work/a" "$work/once"
settle a
ok "[ '$rc' = 0 ] && cmp '$work/a' '$work/once'" "settled again it is the same"
settle a "$(printf '%064d' 7)"
ok "[ '$rc' = 0 ] && same_content a" "with another digest the content stays"
is "$(hex a $((64 * kb + 16)) 32)" "$(printf '%064d' 7)" "and the GUIDs do not"
settle a ABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCD
is "$(hex a $((64 * kb + 16)) 4)" abcdefab "capital digits"
vhdx a subformat=fixed
vhdx c subformat=fixed
settle a
settle c
ok "cmp '$work/a' '$work/c' && same_content a" "files of a fixed size"
vhdx a log_size=4M,block_size=1M
settle a
ok "[ '$rc' = 0 ] && same_content a" "a log of 4 MB, small blocks"
is "$(hex a $mb $((4 * mb)) | tr -d 0)" "" "all of the log is empty"

# ---- half of what is there twice is damaged
for part in 64 128; do
	cp "$work/new" "$work/a"
	set_bytes a $((part * kb + 100)) ff
	settle a
	ok "[ '$rc' = 0 ] && cmp '$work/a' '$work/once'" "the header at $part kB is damaged: the other is used"
done
for part in 192 256; do
	cp "$work/new" "$work/a"
	set_bytes a $((part * kb + 100)) ff
	settle a
	# not all programs read the second one, QEMU 7.2 does not
	set_bytes a $((part * kb + 100)) 00
	ok "[ '$rc' = 0 ] && cmp '$work/a' '$work/once'" "the region table at $part kB is damaged: the other is used"
done

# ---- refused, each file left as it is
# refused TEXT NAME - $work/a, with TEXT in the error
refused() {
	cp "$work/a" "$work/before"
	settle a
	like "$rc $err" "^1 vhdx-settle: error: $work/a: $1" "$2"
	cmp -s "$work/a" "$work/before" || row 1 "$2: the file was changed"
}
cp "$work/raw" "$work/a"
refused 'is no VHDX' "a raw image"
for size in 0 7 $((64 * kb)) $((68 * kb)); do
	head -c "$size" "$work/new" >"$work/a"
	refused "ends at byte $size, the file is cut off" "cut off at byte $size"
done
for size in $((192 * kb)) $((300 * kb)) $mb; do
	head -c "$size" "$work/new" >"$work/a"
	refused 'the log is not within the file' "cut off at byte $size"
done
head -c $((2 * mb)) "$work/new" >"$work/a"
refused 'the metadata is not within the file' "cut off before the metadata"
# damaged OFFSET HEX [OFFSET HEX]... - $work/a is the new file with these bytes
damaged() {
	cp "$work/new" "$work/a"
	while [ $# -gt 1 ]; do
		set_bytes a "$1" "$2"
		shift 2
	done
}
damaged $((64 * kb)) 00 $((128 * kb)) 00
refused 'both headers are damaged' "two damaged headers"
damaged $((192 * kb + 9)) ff $((256 * kb + 9)) ff
refused 'both region tables are damaged' "two damaged region tables"
# in each case both copies, with a sum that is right
damaged $((64 * kb + 48)) 01 $((128 * kb + 48)) 01
sign a $((64 * kb)) 4096
sign a $((128 * kb)) 4096
refused 'its log has not been replayed' "a log that has to be replayed"
damaged $((64 * kb + 66)) 02 $((128 * kb + 66)) 02
sign a $((64 * kb)) 4096
sign a $((128 * kb)) 4096
refused 'has version 2 of the format, expected 1' "a later version of the format"
for log in 0000000000000000 0000f0ffffffffff ffffffffffffffff 0000000001000000; do
	damaged $((64 * kb + 72)) $log $((128 * kb + 72)) $log
	sign a $((64 * kb)) 4096
	sign a $((128 * kb)) 4096
	refused 'the log is not within the file' "the log at $log"
done
damaged $((192 * kb + 8)) ffff $((256 * kb + 8)) ffff
sign a $((192 * kb)) 65536
sign a $((256 * kb)) 65536
refused 'both region tables are damaged' "more regions than a table can have"
# the second entry of QEMU's table is the metadata
damaged $((192 * kb + 48 + 16)) 0000f0ffffffffff $((256 * kb + 48 + 16)) 0000f0ffffffffff
sign a $((192 * kb)) 65536
sign a $((256 * kb)) 65536
refused 'the metadata is not within the file' "metadata beyond the end"
damaged $((192 * kb + 48)) 00 $((256 * kb + 48)) 00
sign a $((192 * kb)) 65536
sign a $((256 * kb)) 65536
refused 'has no metadata' "no metadata"
damaged $((3 * mb)) 00
refused 'the metadata table is damaged' "a metadata table without its signature"
damaged $((3 * mb + 10)) ffff
refused 'the metadata table is damaged' "with more entries than it can have"
damaged "$item" 00
refused 'has no page 83 GUID' "no page 83 GUID"
damaged $((item + 16)) ffffffff
refused 'the page 83 GUID is not within the metadata' "a page 83 GUID beyond the metadata"

# ---- anything
status=
for n in $(seq 1 60); do
	cp "$work/new" "$work/a"
	# a byte of the headers, the tables or the metadata
	at=$(awk -v n="$n" 'BEGIN { srand(n); split("0 65536 131072 196608 262144 3145728", at); print at[1 + int(rand() * 6)] + int(rand() * 256) }')
	set_bytes a "$at" "$(printf '%02x' $((n * 37 % 256)))"
	settle a
	case $rc in 0 | 1) ;; *) status="$status $n:$rc" ;; esac
done
is "$status" "" "60 random bytes: settled or refused, no fault"

run "$program" "$work/none" "$digest"
like "$rc $err" "^1 vhdx-settle: error: $work/none: No such file" "a file that does not exist"
run "$program" "$work/once" "${digest%f}"
is "$rc" 2 "a digest that is too short: usage"
