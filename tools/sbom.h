/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of sbom share: the files and packages of a build, and JSON. */
#ifndef SBOM_H
#define SBOM_H

#include <jansson.h>

#include "text.h"

/* A file beside the manifest, or a patch as patches/LINE/NAME. */
struct file {
	const char *key;
	char sha256[65], sha1[41];
};

/* An installed package that the build used; every text may be "-" for unknown. */
struct package {
	const char *key; /* its name */
	char *version, *arch;
	char *system;  /* of its package URL: "deb/debian/debian-12" */
	char *licence; /* as the package says it */
	char *programs;
};

struct input {
	struct table files, packages;
	json_t *manifest;
	const char *path;   /* of the manifest */
	const char *id;	    /* a digest in hex of all the input */
	const char *code;   /* SPDX's verification code of the outputs */
	const char *commit; /* of the project, NULL: not known */
};

/* The member KEY of the manifest or of one of its objects; fails when it is no string. */
const char *string_of(const struct input *in, const json_t *object, const char *key);

/* The name of a patch of the manifest as it is in files; to be freed. */
char *patch_path(const struct input *in, const char *name);

/* Like json_object_set_new() and json_array_append_new(), and fail without memory. */
void put(json_t *object, const char *key, json_t *value);
void append(json_t *array, json_t *value);
/* Fails when TEXT is not UTF-8. */
void put_text(json_t *object, const char *key, const char *text);

/* printf() into a string of its own */
char *format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The package URL of P, to be freed: NULL when its system is not known. */
char *package_url(const struct package *p);

/*
 * TEXT, a licence as Debian's copyright files or RPM have it, as an SPDX expression, to be
 * freed; NULL: it names one that is not in the table.
 */
char *licence_expression(const char *text);

json_t *spdx_document(struct input *in);
json_t *provenance_statement(struct input *in);

/*
 * Compare a manifest with the two documents, and with the files that are there. Prints a line
 * for each difference on standard error; the result is their number.
 */
size_t check_documents(struct input *in, const char *spdx, const char *provenance);

#endif
