#!/bin/sh
# symbols.sh DIR | OLD NEW - the configuration symbols that a kernel tree defines, or those
# that OLD defines and NEW does not; what it prints: tools/kconfig-symbols.c.
. "$(dirname "$0")/../lib.sh"
symbols=$(tool kconfig-symbols)
exec "$symbols" "$@"
