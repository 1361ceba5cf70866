# shellcheck shell=sh
# The rows of the hostile host (tests/guest/probes/hyperv_hostile.c), sourced by
# smoke-hyperv.sh and shrink.sh.

# hostile_row NAME - the text of its row, as NAME is called by hvhost --hostile-only; 1: none
hostile_row() {
	case $1 in
	messages) echo "200 invalid messages" ;;
	answers) echo "wrong answers for GPADLs and channels" ;;
	packets) echo "invalid packets of a disk" ;;
	pci) echo "invalid messages of a PCI bus" ;;
	virtio) echo "wrong registers and rings of a virtio card" ;;
	mutants) echo "changed messages of valid devices" ;;
	streams) echo "streams with invalid lengths and indices" ;;
	*) return 1 ;;
	esac
}

# hostile_numbers NAME - the numbers that its messages may have: the disks of hostile_disk.c
# have 32 each, the streams of hostile_ring.c four, the buses of hostile_pci.c and the devices of
# hostile_mutants.c 16, a card one
hostile_numbers() {
	case $1 in
	messages) echo 1-200 ;;
	answers) echo 1-384 ;;
	packets) echo 1-256 ;;
	pci) echo 1-96 ;;
	virtio) echo 1-4 ;;
	mutants) echo 1-80 ;;
	streams) echo 1-96 ;;
	esac
}

# red_hostile_row ROWS - the name of the first that is not ok, or did not come because the guest
# had ended or hung; nothing when the guest did not reach them, or all are ok
red_hostile_row() {
	grep -q '^ok [0-9]* - vmbus: every offer has a driver' "$1" || return 0
	grep -qE '^(not )?ok [0-9]+ - log: ' "$1" || return 0
	for name in messages answers packets pci virtio mutants streams; do
		grep -q "^ok [0-9]* - hostile host: $(hostile_row $name)" "$1" || {
			echo $name
			return
		}
	done
}
