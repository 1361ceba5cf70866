/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of cve share: a CVE, versions, and the two readers. */
#ifndef CVE_H
#define CVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

/* Where the code that a CVE names is. The order is that of danger. */
enum place { ABSENT, UNKNOWN, MODULE, IMAGE, PLACES };

struct cve {
	const char *key; /* CVE-YEAR-NUMBER */
	double score;	 /* CVSS base score, -1: none was given */
	char **file;	 /* below the kernel's tree, as in mainline */
	size_t files;
	unsigned int affected; /* bit I: affects the version I that cve_read() was given */
	enum place place;
	const char *patch; /* of the queue, that fixes it; or NULL */
};

/* A release as a number that sorts, 16 bits for each of four parts; 0: version "0". */
typedef uint64_t version;

/* Parse "6.1", "6.1.176", "2.6.32.5" or "0" of LENGTH bytes; false: it is none of them. */
bool version_parse(const char *text, size_t length, version *v);

/* Is a change that was first released in X in V? */
bool version_in(version x, version v);

/*
 * Does V have the bug of these DYADS, "IN:SHA:FIXED:SHA;..."? 1 yes, 0 no; otherwise -1, and
 * *why is what is wrong with them.
 */
int dyads_affect(const char *dyads, version v, const char **why);

/*
 * The records of PATH: a folder, a tar archive of CVE 5 records, compressed or not,
 * or the table of dyads. A record that cannot be read is named on standard error and
 * counted in the result. Fails when PATH cannot be read to its end or holds no record.
 */
size_t cve_read(const char *path, const version *v, int versions, struct table *cves);

/*
 * Set the place of each affected CVE from the .cmd files of the build OBJ of the tree SOURCE.
 * all: its modules are built as well, so that a file that is nowhere is not compiled.
 */
void cve_locate(struct table *cves, const char *obj, const char *source, bool all);

#endif
