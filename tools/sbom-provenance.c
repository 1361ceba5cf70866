// SPDX-License-Identifier: GPL-2.0
/*
 * The provenance of sbom: an in-toto Statement v1 with the predicate SLSA Provenance v1. The
 * build type and the builder are named by URNs, which docs/releases.md explains: the machine
 * is whoever ran make, so it claims SLSA Build Level 1 and no more.
 */
#define _GNU_SOURCE
#include <stdlib.h>

#include "sbom.h"

/* a ResourceDescriptor with what is known; takes over URI, which may be NULL */
static json_t *resource(const char *name, char *uri, const char *algorithm, const char *digest)
{
	json_t *object = json_object();

	put_text(object, "name", name);
	if (uri)
		put_text(object, "uri", uri);
	if (digest)
		put(object, "digest", json_pack("{s:s}", algorithm, digest));
	free(uri);
	return object;
}

static json_t *subjects(const struct input *in)
{
	json_t *list = json_array(), *output;
	const char *name;

	json_object_foreach(json_object_get(in->manifest, "outputs"), name, output)
		append(list, resource(name, NULL, "sha256", string_of(in, output, "sha256")));
	return list;
}

static json_t *dependencies(const struct input *in)
{
	json_t *list = json_array(), *source = json_object_get(in->manifest, "source"), *patch;
	const struct package *p;
	const char *url;
	char *path;
	size_t i;

	if (json_is_true(json_object_get(in->manifest, "verified")))
		append(list,
		       resource("linux", copy(string_of(in, source, "from")), "sha256",
				string_of(in, source, "sha256")));
	json_array_foreach(json_object_get(in->manifest, "patches"), i, patch)
	{
		path = patch_path(in, string_of(in, patch, "name"));
		url = json_string_value(json_object_get(patch, "url"));
		append(list,
		       resource(path, url ? copy(url) : NULL, "sha256",
				string_of(in, patch, "sha256")));
		free(path);
	}
	if (in->commit)
		append(list, resource("project", NULL, "gitCommit", in->commit));
	/* installed packages have a name and a version; a digest of their files nobody keeps */
	for (i = 0; i < in->packages.count; i++) {
		p = in->packages.entry[i];
		append(list, resource(p->key, package_url(p), NULL, NULL));
	}
	return list;
}

json_t *provenance_statement(struct input *in)
{
	json_t *parameters, *definition, *details, *toolchain, *statement;

	toolchain = json_object_get(in->manifest, "toolchain");
	parameters = json_pack("{s:s,s:s,s:s}", "line", string_of(in, in->manifest, "line"),
			       "release", string_of(in, in->manifest, "release"), "features",
			       string_of(in, in->manifest, "features"));
	definition = json_pack("{s:s,s:o,s:{s:s},s:o}", "buildType", "urn:wsl-kernel:build:1",
			       "externalParameters", parameters, "internalParameters",
			       "configSha256", string_of(in, in->manifest, "config"),
			       "resolvedDependencies", dependencies(in));
	details = json_pack("{s:{s:s,s:O}}", "builder", "id", "urn:wsl-kernel:builder:local",
			    "version", toolchain);
	statement = json_pack("{s:s,s:o,s:s,s:{s:o,s:o}}", "_type",
			      "https://in-toto.io/Statement/v1", "subject", subjects(in),
			      "predicateType", "https://slsa.dev/provenance/v1", "predicate",
			      "buildDefinition", definition, "runDetails", details);
	if (!statement)
		fail("%s: has no toolchain, or text that is not UTF-8", in->path);
	return statement;
}
