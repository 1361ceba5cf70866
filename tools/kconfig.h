/* SPDX-License-Identifier: GPL-2.0 */
/* What is read of Kconfig files and of .config files. */
#ifndef KCONFIG_H
#define KCONFIG_H

#include <stdbool.h>

/*
 * One definition of a symbol: "config SYMBOL" and the prompt that follows, or NULL.
 * PART is the first component of the file's path below the tree. CHOICE is the number
 * of the choice that it is a member of, 0 for none.
 */
struct kconfig_definition {
	const char *symbol, *part, *prompt;
	unsigned int choice;
};

typedef void kconfig_fn(void *data, const struct kconfig_definition *d);

/*
 * Call FN for every definition in the Kconfig files below TREE. Those of other
 * processors than x86 and those in hidden directories at the top are left out,
 * links are not followed. It does not evaluate anything: `if` and `depends on`
 * do not matter.
 */
void kconfig_read(const char *tree, kconfig_fn *fn, void *data);

/*
 * A line of a .config or a fragment: "CONFIG_SYMBOL=VALUE", or "# CONFIG_SYMBOL is
 * not set", which is the value n. False for any other line. LINE is cut up; both
 * strings point into it or to a constant.
 */
bool config_line(char *line, const char **symbol, const char **value);

#endif
