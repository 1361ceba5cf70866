// SPDX-License-Identifier: GPL-2.0
/*
 * sbom - what a build was made from, as the documents that others read
 *
 *   sbom spdx ID CODE FILES PACKAGES MANIFEST        an SPDX 2.3 document, in JSON
 *   sbom provenance COMMIT FILES PACKAGES MANIFEST   an in-toto statement, SLSA provenance v1
 *   sbom check SPDX PROVENANCE FILES MANIFEST        do both name what the manifest names?
 *
 * MANIFEST is dist/<line>/manifest.json. FILES has a line "SHA256 SHA1 NAME" for each file that
 * is there: the outputs, and the patches as patches/<line>/NAME. PACKAGES is what
 * scripts/release/packages.sh prints. ID, a digest in hex of all the input, makes the
 * document's namespace its own, CODE is SPDX's verification code of the outputs, COMMIT that
 * of the project or "-". The documents go to standard output. Their only time is the release
 * date of the pin, so the same input gives the same bytes.
 *
 * Exit status: 0 done; 1 an error, or a file is not as the manifest has it; 2 usage.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sbom.h"

const char program[] = "sbom";

static void usage(void)
{
	fprintf(stderr,
		"usage: sbom spdx ID CODE FILES PACKAGES MANIFEST\n"
		"       sbom provenance COMMIT FILES PACKAGES MANIFEST\n"
		"       sbom check SPDX PROVENANCE FILES MANIFEST\n");
	exit(2);
}

void put(json_t *object, const char *key, json_t *value)
{
	if (!value || json_object_set_new(object, key, value))
		fail("out of memory");
}

void append(json_t *array, json_t *value)
{
	if (!value || json_array_append_new(array, value))
		fail("out of memory");
}

void put_text(json_t *object, const char *key, const char *text)
{
	json_t *value = json_string(text);

	if (!value)
		fail("%s: is not UTF-8", text);
	put(object, key, value);
}

char *format(const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		fail("out of memory");
	va_end(ap);
	return text;
}

const char *string_of(const struct input *in, const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	if (!text)
		fail("%s: has no text \"%s\" where the manifest of a build has one", in->path, key);
	return text;
}

char *patch_path(const struct input *in, const char *name)
{
	return format("patches/%s/%s", string_of(in, in->manifest, "line"), name);
}

static bool is_hex(const char *text, size_t length)
{
	return strspn(text, "0123456789abcdef") == length && !text[length];
}

static void read_files(struct input *in, const char *path)
{
	struct reader r;
	struct file *file;
	char *sha256, *sha1, *name;

	reader_open(&r, path);
	while (reader_next(&r)) {
		sha256 = strtok(r.line, " ");
		sha1 = strtok(NULL, " ");
		name = strtok(NULL, "");
		if (!name || !is_hex(sha256, 64) || !is_hex(sha1, 40))
			fail("%s:%lu: is not \"SHA256 SHA1 NAME\"", r.path, r.number);
		if (table_find(&in->files, name))
			fail("%s:%lu: a second line for %s", r.path, r.number, name);
		file = table_add(&in->files, name);
		memcpy(file->sha256, sha256, sizeof(file->sha256));
		memcpy(file->sha1, sha1, sizeof(file->sha1));
	}
}

static void read_packages(struct input *in, const char *path)
{
	struct reader r;
	struct package *p;
	char *field[6], *rest;
	int i;

	reader_open(&r, path);
	while (reader_next(&r)) {
		rest = r.line;
		for (i = 0; i < 6; i++) {
			field[i] = strsep(&rest, "\t");
			if (!field[i] || !*field[i])
				fail("%s:%lu: is not a line of packages.sh", r.path, r.number);
		}
		if (table_find(&in->packages, field[0]))
			fail("%s:%lu: a second line for %s", r.path, r.number, field[0]);
		p = table_add(&in->packages, field[0]);
		p->version = copy(field[1]);
		p->arch = copy(field[2]);
		p->system = copy(field[3]);
		p->licence = copy(field[4]);
		p->programs = copy(field[5]);
	}
}

static void read_manifest(struct input *in, const char *path)
{
	json_error_t error;

	in->path = path;
	in->manifest = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	if (!in->manifest)
		fail("%s: line %d: %s", path, error.line, error.text);
	if (!json_is_array(json_object_get(in->manifest, "patches")) ||
	    !json_is_object(json_object_get(in->manifest, "outputs")))
		fail("%s: is not the manifest of a build", path);
}

static void print(json_t *document)
{
	if (json_dumpf(document, stdout, JSON_INDENT(1)) || putchar('\n') == EOF || fflush(stdout))
		fail("standard output: cannot be written");
	json_decref(document);
}

static void free_input(struct input *in)
{
	struct package *p;
	size_t i;

	for (i = 0; i < in->packages.count; i++) {
		p = in->packages.entry[i];
		free(p->version);
		free(p->arch);
		free(p->system);
		free(p->licence);
		free(p->programs);
	}
	table_free(&in->packages);
	table_free(&in->files);
	json_decref(in->manifest);
}

int main(int argc, char **argv)
{
	struct input in = { .files = { .entry_size = sizeof(struct file) },
			    .packages = { .entry_size = sizeof(struct package) } };
	bool spdx = argc == 7 && !strcmp(argv[1], "spdx");
	bool provenance = argc == 6 && !strcmp(argv[1], "provenance");
	bool check = argc == 6 && !strcmp(argv[1], "check");
	size_t bad = 0;

	if (!spdx && !provenance && !check)
		usage();
	read_manifest(&in, argv[argc - 1]);
	read_files(&in, argv[argc - (check ? 2 : 3)]);
	if (!check)
		read_packages(&in, argv[argc - 2]);
	if (spdx) {
		in.id = argv[2];
		in.code = argv[3];
		if (!is_hex(in.id, 64) || !is_hex(in.code, 40))
			usage();
		print(spdx_document(&in));
	} else if (provenance) {
		in.commit = strcmp(argv[2], "-") ? argv[2] : NULL;
		print(provenance_statement(&in));
	} else {
		bad = check_documents(&in, argv[2], argv[3]);
	}
	free_input(&in);
	return bad ? 1 : 0;
}
