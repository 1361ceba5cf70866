// SPDX-License-Identifier: GPL-2.0
/*
 * The SPDX 2.3 document of sbom. What was built is a package that contains the outputs; the
 * release of kernel.org, external patches and the programs of the build are packages, our own
 * patches are files.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sbom.h"

#define UNKNOWN	       "NOASSERTION"
#define KERNEL_LICENCE "GPL-2.0-only WITH Linux-syscall-note"

struct document {
	struct input *in;
	struct table ids; /* that are taken; each entry is its key alone */
	json_t *packages, *files, *relationships;
};

struct id {
	const char *key;
};

/* an element's identifier: letters, digits, "." and "-" of NAME, and a number if it is taken */
static const char *new_id(struct document *d, const char *kind, const char *name)
{
	char *id = format("SPDXRef-%s-%s", kind, name), *p, *other;
	struct id *entry;
	int n;

	for (p = id; *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '.')
			*p = '-';
	for (n = 2; table_find(&d->ids, id); n++) {
		other = format("%.*s-%d", (int)(p - id), id, n);
		free(id);
		id = other;
	}
	entry = table_add(&d->ids, id);
	free(id);
	return entry->key;
}

static void relate(struct document *d, const char *from, const char *type, const char *to)
{
	append(d->relationships,
	       json_pack("{s:s,s:s,s:s}", "spdxElementId", from, "relationshipType", type,
			 "relatedSpdxElement", to));
}

static json_t *checksum(const char *algorithm, const char *value)
{
	return json_pack("{s:s,s:s}", "algorithm", algorithm, "checksumValue", value);
}

static json_t *new_package(struct document *d, const char *id, const char *name,
			   const char *version, const char *purpose)
{
	json_t *package = json_object();

	append(d->packages, package);
	put_text(package, "SPDXID", id);
	put_text(package, "name", name);
	if (version)
		put_text(package, "versionInfo", version);
	put_text(package, "primaryPackagePurpose", purpose);
	put_text(package, "supplier", UNKNOWN);
	put_text(package, "licenseConcluded", UNKNOWN);
	put_text(package, "copyrightText", UNKNOWN);
	return package;
}

static void add_reference(json_t *package, const char *category, const char *type, char *locator)
{
	json_t *list = json_object_get(package, "externalRefs");

	if (!list) {
		list = json_array();
		put(package, "externalRefs", list);
	}
	append(list,
	       json_pack("{s:s,s:s,s:s}", "referenceCategory", category, "referenceType", type,
			 "referenceLocator", locator));
	free(locator);
}

/* an address that only this machine can resolve (debian:, file:) is no download location */
static void put_address(json_t *package, const char *address)
{
	bool web = !strncmp(address, "https://", 8) || !strncmp(address, "http://", 7);

	put_text(package, "downloadLocation", web ? address : UNKNOWN);
}

static const char *add_source(struct document *d)
{
	const struct input *in = d->in;
	const char *version = string_of(in, in->manifest, "pin"), *id, *from, *sha256;
	json_t *source = json_object_get(in->manifest, "source"), *package;
	bool verified = json_is_true(json_object_get(in->manifest, "verified"));
	char *info;

	id = new_id(d, "Source", "linux");
	package = new_package(d, id, "linux", version, "SOURCE");
	put(package, "filesAnalyzed", json_false());
	put_text(package, "licenseDeclared", KERNEL_LICENCE);
	add_reference(package, "SECURITY", "cpe23Type",
		      format("cpe:2.3:o:linux:linux_kernel:%s:*:*:*:*:*:*:*", version));
	if (!verified) {
		put_text(package, "downloadLocation", UNKNOWN);
		info = format("a copy of a tree, not verified: %s", string_of(in, source, "tree"));
	} else {
		from = string_of(in, source, "from");
		sha256 = string_of(in, source, "sha256");
		put_address(package, from);
		put_text(package, "packageFileName",
			 strrchr(from, '/') ? strrchr(from, '/') + 1 : from);
		put(package, "checksums", json_pack("[o]", checksum("SHA256", sha256)));
		from = json_string_value(json_object_get(source, "signer"));
		info = format("from %s; %s%s", string_of(in, source, "from"),
			      from ? "signed by " : "verified by its digest", from ? from : "");
	}
	put_text(package, "sourceInfo", info);
	free(info);
	return id;
}

static const char *add_kernel(struct document *d)
{
	const struct input *in = d->in;
	const char *release = string_of(in, in->manifest, "release"), *id;
	const char *features = string_of(in, in->manifest, "features");
	json_t *package;
	char *text;

	id = new_id(d, "Kernel", release);
	package = new_package(d, id, "wsl-kernel", release, "OPERATING_SYSTEM");
	put_text(package, "downloadLocation", UNKNOWN);
	put_text(package, "licenseDeclared", KERNEL_LICENCE);
	put(package, "filesAnalyzed", json_true());
	put(package, "packageVerificationCode",
	    json_pack("{s:s}", "packageVerificationCodeValue", in->code));
	/* the product that make cve names in openvex.json */
	add_reference(package, "PACKAGE-MANAGER", "purl", format("pkg:generic/linux@%s", release));
	if (*features) {
		text = format("features that are not as by default: %s", features);
		put_text(package, "comment", text);
		free(text);
	}
	return id;
}

static const struct file *file_of(const struct input *in, const char *name)
{
	const struct file *file = table_find(&in->files, name);

	if (!file)
		fail("%s: names %s, which is not there", in->path, name);
	return file;
}

static const char *add_file(struct document *d, const char *kind, const char *name,
			    const char *type, const char *licence)
{
	const struct file *file = file_of(d->in, name);
	const char *id = new_id(d, kind, name);
	char *path = format("./%s", name);
	json_t *object = json_object();

	append(d->files, object);
	put_text(object, "SPDXID", id);
	put_text(object, "fileName", path);
	put(object, "fileTypes", json_pack("[s]", type));
	put(object, "checksums",
	    json_pack("[o,o]", checksum("SHA1", file->sha1), checksum("SHA256", file->sha256)));
	put_text(object, "licenseConcluded", licence);
	put_text(object, "copyrightText", UNKNOWN);
	free(path);
	return id;
}

static const char *output_type(const char *name)
{
	if (!strcmp(name, "config") || !strcmp(name, "System.map"))
		return "TEXT";
	return strstr(name, ".tar.") ? "ARCHIVE" : "BINARY";
}

static void add_outputs(struct document *d, const char *kernel, const char *source)
{
	json_t *outputs = json_object_get(d->in->manifest, "outputs"), *value;
	const char *name, *id, *config = NULL;

	if (json_object_get(outputs, "config"))
		config = add_file(d, "Output", "config", "TEXT", UNKNOWN);
	json_object_foreach(outputs, name, value)
	{
		id = strcmp(name, "config") ?
			add_file(d, "Output", name, output_type(name), UNKNOWN) :
			config;
		relate(d, kernel, "CONTAINS", id);
		relate(d, id, "GENERATED_FROM", source);
		if (config && id != config)
			relate(d, id, "GENERATED_FROM", config);
	}
}

static const char *add_external(struct document *d, const char *path, const char *url,
				const char *sha256)
{
	const char *id = new_id(d, "Patch", path);
	json_t *package = new_package(d, id, path, NULL, "SOURCE");

	put_address(package, url);
	put(package, "filesAnalyzed", json_false());
	put(package, "checksums", json_pack("[o]", checksum("SHA256", sha256)));
	put_text(package, "licenseDeclared", UNKNOWN);
	return id;
}

static void add_patches(struct document *d, const char *kernel, const char *source)
{
	const struct input *in = d->in;
	const char *id, *url;
	json_t *patch;
	char *path;
	size_t i;

	json_array_foreach(json_object_get(in->manifest, "patches"), i, patch)
	{
		path = patch_path(in, string_of(in, patch, "name"));
		url = json_string_value(json_object_get(patch, "url"));
		id = url ? add_external(d, path, url, string_of(in, patch, "sha256")) :
			   add_file(d, "Patch", path, "SOURCE", "GPL-2.0-only");
		relate(d, id, "PATCH_FOR", source);
		relate(d, kernel, "GENERATED_FROM", id);
		free(path);
	}
}

static void add_tool(struct document *d, const struct package *p, const char *kernel)
{
	const char *id = new_id(d, "Tool", p->key);
	json_t *package = new_package(d, id, p->key, p->version, "APPLICATION");
	char *url = package_url(p), *licence = licence_expression(p->licence), *text;

	put_text(package, "downloadLocation", UNKNOWN);
	put(package, "filesAnalyzed", json_false());
	put_text(package, "licenseDeclared", licence ? licence : UNKNOWN);
	if (!licence && strcmp(p->licence, "-")) {
		text = format("the package says: %s", p->licence);
		put_text(package, "licenseComments", text);
		free(text);
	}
	text = format("of it the build used: %s", p->programs);
	put_text(package, "comment", text);
	if (url)
		add_reference(package, "PACKAGE-MANAGER", "purl", url);
	relate(d, id, "BUILD_TOOL_OF", kernel);
	free(text);
	free(licence);
}

json_t *spdx_document(struct input *in)
{
	struct document d = { .in = in, .ids = { .entry_size = sizeof(struct id) } };
	const char *release = string_of(in, in->manifest, "release"), *kernel, *source;
	char *name = format("wsl-kernel-%s", release), *space, *time;
	json_t *root = json_object();
	size_t i;

	d.packages = json_array();
	d.files = json_array();
	d.relationships = json_array();
	space = format("https://spdx.org/spdxdocs/%s-%s", name, in->id);
	time = format("%sT00:00:00Z", string_of(in, in->manifest, "released"));
	put_text(root, "SPDXID", "SPDXRef-DOCUMENT");
	put_text(root, "spdxVersion", "SPDX-2.3");
	put_text(root, "dataLicense", "CC0-1.0");
	put_text(root, "name", name);
	put_text(root, "documentNamespace", space);
	put(root, "creationInfo",
	    json_pack("{s:s,s:[s],s:s}", "created", time, "creators", "Tool: wsl-kernel-sbom",
		      "comment", "created is the release date of the pin"));
	put(root, "packages", d.packages);
	put(root, "files", d.files);
	put(root, "relationships", d.relationships);
	kernel = add_kernel(&d);
	source = add_source(&d);
	relate(&d, "SPDXRef-DOCUMENT", "DESCRIBES", kernel);
	relate(&d, kernel, "GENERATED_FROM", source);
	add_outputs(&d, kernel, source);
	add_patches(&d, kernel, source);
	for (i = 0; i < in->packages.count; i++)
		add_tool(&d, in->packages.entry[i], kernel);
	table_free(&d.ids);
	free(name);
	free(space);
	free(time);
	return root;
}
