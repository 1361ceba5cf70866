// SPDX-License-Identifier: GPL-2.0
/*
 * The check of sbom: what the manifest names has to be there as the manifest has it, and each
 * of the two documents has to name the same, no less and no more.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "sbom.h"

enum part { SOURCE = 1, PATCH = 2, OUTPUT = 4 };

/* what the manifest names, and where it was found meanwhile */
struct named {
	const char *key;
	const char *sha256;
	enum part part;
	bool seen, patch_for;
};

struct check {
	struct input *in;
	struct table named;
	const char *path; /* the document that is compared */
	size_t bad;
};

static void wrong(struct check *c, const char *path, char *what)
{
	fprintf(stderr, "%s: error: %s: %s\n", program, path, what);
	free(what);
	c->bad++;
}

static void add(struct check *c, const char *name, const char *sha256, enum part part)
{
	struct named *n;

	if (table_find(&c->named, name))
		fail("%s: names %s twice", c->in->path, name);
	n = table_add(&c->named, name);
	n->sha256 = sha256;
	n->part = part;
}

static void read_named(struct check *c)
{
	struct input *in = c->in;
	json_t *value, *source = json_object_get(in->manifest, "source");
	const char *name;
	char *path;
	size_t i;

	if (json_is_true(json_object_get(in->manifest, "verified")))
		add(c, "linux", string_of(in, source, "sha256"), SOURCE);
	json_object_foreach(json_object_get(in->manifest, "outputs"), name, value)
		add(c, name, string_of(in, value, "sha256"), OUTPUT);
	json_array_foreach(json_object_get(in->manifest, "patches"), i, value)
	{
		path = patch_path(in, string_of(in, value, "name"));
		add(c, path, string_of(in, value, "sha256"), PATCH);
		free(path);
	}
}

static void check_files(struct check *c)
{
	const struct file *file;
	struct named *n;
	size_t i;

	for (i = 0; i < c->named.count; i++) {
		n = c->named.entry[i];
		if (n->part == SOURCE)
			continue;
		file = table_find(&c->in->files, n->key);
		if (!file)
			wrong(c, n->key, format("is missing; %s names it", c->in->path));
		else if (strcmp(file->sha256, n->sha256))
			wrong(c, n->key,
			      format("sha256 is %s, in %s it is %s", file->sha256, c->in->path,
				     n->sha256));
	}
}

/* the document names NAME with this digest, as one of PARTS */
static void see(struct check *c, const char *name, const char *sha256, unsigned int parts)
{
	struct named *n = table_find(&c->named, name);

	if (!n || !(n->part & parts))
		wrong(c, c->path, format("has %s, which the manifest does not name", name));
	else if (!sha256 || strcmp(sha256, n->sha256))
		wrong(c, c->path,
		      format("has %s with the sha256 %s, the manifest has %s", name,
			     sha256 ? sha256 : "missing", n->sha256));
	else if (n->seen)
		wrong(c, c->path, format("has %s twice", name));
	if (n)
		n->seen = true;
}

static void check_seen(struct check *c)
{
	struct named *n;
	size_t i;

	for (i = 0; i < c->named.count; i++) {
		n = c->named.entry[i];
		if (!n->seen)
			wrong(c, c->path, format("lacks %s, which the manifest names", n->key));
		n->seen = false;
	}
}

static json_t *load(struct check *c, const char *path)
{
	json_error_t error;
	json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);

	if (!root)
		fail("%s: line %d: %s", path, error.line, error.text);
	c->path = path;
	return root;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static const char *spdx_sha256(const json_t *element)
{
	json_t *checksum;
	size_t i;

	json_array_foreach(json_object_get(element, "checksums"), i,
			   checksum) if (!strcmp(text_of(checksum, "algorithm"),
						 "SHA256")) return text_of(checksum,
									   "checksumValue");
	return NULL;
}

/* is ID related to that of the source as its patch? */
static bool is_patch_for(const json_t *root, const char *id, const char *source)
{
	json_t *r;
	size_t i;

	json_array_foreach(json_object_get(root, "relationships"), i,
			   r) if (!strcmp(text_of(r, "spdxElementId"), id) &&
				  !strcmp(text_of(r, "relationshipType"), "PATCH_FOR") &&
				  !strcmp(text_of(r, "relatedSpdxElement"), source)) return true;
	return false;
}

static void check_spdx(struct check *c, const char *path)
{
	json_t *root = load(c, path), *element;
	const char *name, *source = "";
	struct named *n;
	size_t i;

	/* packages without a digest are those of the build's programs */
	json_array_foreach(json_object_get(root, "packages"), i,
			   element) if (!strcmp(text_of(element, "name"), "linux")) source =
		text_of(element, "SPDXID");
	json_array_foreach(json_object_get(root, "packages"), i, element) if (spdx_sha256(element))
	{
		name = text_of(element, "name");
		see(c, name, spdx_sha256(element), SOURCE | PATCH);
		n = table_find(&c->named, name);
		if (n && n->part == PATCH)
			n->patch_for = is_patch_for(root, text_of(element, "SPDXID"), source);
	}
	json_array_foreach(json_object_get(root, "files"), i, element)
	{
		name = text_of(element, "fileName");
		name += strncmp(name, "./", 2) ? 0 : 2;
		see(c, name, spdx_sha256(element), OUTPUT | PATCH);
		n = table_find(&c->named, name);
		if (n && n->part == PATCH)
			n->patch_for = is_patch_for(root, text_of(element, "SPDXID"), source);
	}
	for (i = 0; i < c->named.count; i++) {
		n = c->named.entry[i];
		if (n->part == PATCH && n->seen && !n->patch_for)
			wrong(c, path, format("has %s, but not as PATCH_FOR linux", n->key));
	}
	check_seen(c);
	json_decref(root);
}

static void check_provenance(struct check *c, const char *path)
{
	json_t *root = load(c, path), *object, *digest, *definition;
	size_t i;

	definition = json_object_get(json_object_get(root, "predicate"), "buildDefinition");
	json_array_foreach(json_object_get(root, "subject"), i, object)
	{
		digest = json_object_get(object, "digest");
		see(c, text_of(object, "name"), text_of(digest, "sha256"), OUTPUT);
	}
	/* packages have no digest, the project that of its commit */
	json_array_foreach(json_object_get(definition, "resolvedDependencies"), i, object)
	{
		digest = json_object_get(object, "digest");
		if (json_object_get(digest, "sha256"))
			see(c, text_of(object, "name"), text_of(digest, "sha256"), SOURCE | PATCH);
	}
	check_seen(c);
	json_decref(root);
}

size_t check_documents(struct input *in, const char *spdx, const char *provenance)
{
	struct check c = { .in = in, .named = { .entry_size = sizeof(struct named) } };

	read_named(&c);
	check_files(&c);
	check_spdx(&c, spdx);
	check_provenance(&c, provenance);
	table_free(&c.named);
	return c.bad;
}
