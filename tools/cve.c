// SPDX-License-Identifier: GPL-2.0
/*
 * cve - which published CVEs of the kernel affect a release, and whether a build has the code
 *
 *   cve [OPTION]... RELEASE DATA
 *
 * DATA is a folder or an archive of CVE 5 records, or the table of docs/cve.md. Prints the
 * totals and, with the highest score first, the CVEs whose code is or may be in the build.
 *
 *   --build OBJ SOURCE  where kbuild compiled, and the tree; without it no place is known
 *   --no-modules        its modules are not built, so what is not in the image may be in one
 *   --fixed FILE        lines "CVE PATCH": the CVEs that the queue fixes
 *   --since RELEASE     print instead the CVEs that affect RELEASE and not this one
 *   --json              print all that affect it, as JSON
 *   --vex FILE NAME     write an OpenVEX document about the product NAME (a package URL)
 *   --row               print only the totals, with blanks between
 *   --min SCORE         status 10 if an open CVE has this CVSS base score or more
 *
 * Exit status: 0 done, 10 see --min, 3 records could not be read (named on standard error;
 * nothing is said about them), 1 an error, 2 usage. 3 goes before 10.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cve.h"

const char program[] = "cve";

static const char *const place_name[PLACES] = { "not compiled", "unknown", "module", "image" };

struct options {
	const char *release, *data, *obj, *source, *fixed, *since, *vex, *product;
	bool no_modules, json, row;
	double min; /* -1: none */
};

struct totals {
	size_t affected, queue, place[PLACES];
};

static void usage(void)
{
	fprintf(stderr,
		"usage: cve [--build OBJ SOURCE] [--no-modules] [--fixed FILE] [--since RELEASE]\n"
		"  [--json] [--row] [--vex FILE NAME] [--min SCORE] RELEASE DATA\n");
	exit(2);
}

static double read_min(const char *text)
{
	char *end;
	double min = strtod(text, &end);

	if (end == text || *end || !(min >= 0 && min <= 10))
		fail("CVSS_MIN=%s: is no CVSS score, 0.0 to 10.0", text);
	return min;
}

static void read_options(struct options *o, char **arg)
{
	o->min = -1;
	for (; *arg && !strncmp(*arg, "--", 2); arg++) {
		if (!strcmp(*arg, "--json"))
			o->json = true;
		else if (!strcmp(*arg, "--row"))
			o->row = true;
		else if (!strcmp(*arg, "--no-modules"))
			o->no_modules = true;
		else if (!arg[1])
			usage();
		else if (!strcmp(*arg, "--fixed"))
			o->fixed = *++arg;
		else if (!strcmp(*arg, "--since"))
			o->since = *++arg;
		else if (!strcmp(*arg, "--min"))
			o->min = read_min(*++arg);
		else if (!arg[2])
			usage();
		else if (!strcmp(*arg, "--build"))
			o->obj = *++arg, o->source = *++arg;
		else if (!strcmp(*arg, "--vex"))
			o->vex = *++arg, o->product = *++arg;
		else
			usage();
	}
	if (!arg[0] || !arg[1] || arg[2])
		usage();
	o->release = arg[0];
	o->data = arg[1];
}

/* take off what the queue fixes; one that is not affected needs no patch, or its number is wrong */
static void read_fixed(struct table *cves, const struct options *o)
{
	struct reader r;
	struct cve *cve;
	char *patch;

	reader_open(&r, o->fixed);
	while (reader_next(&r)) {
		patch = strchr(r.line, ' ');
		if (!patch)
			fail("%s:%lu: is not \"CVE PATCH\"", r.path, r.number);
		*patch++ = '\0';
		cve = table_find(cves, r.line);
		if (cve && cve->affected & 1)
			cve->patch = copy(patch);
		else
			fprintf(stderr,
				"cve: warning: %s: Fixes-CVE: %s does not affect %s by this data\n",
				patch, r.line, o->release);
	}
}

static void count(const struct table *cves, struct totals *t)
{
	const struct cve *cve;
	size_t i;

	for (i = 0; i < cves->count; i++) {
		cve = cves->entry[i];
		if (!(cve->affected & 1))
			continue;
		t->affected++;
		if (cve->patch)
			t->queue++;
		else
			t->place[cve->place]++;
	}
}

/* the highest score first, CVEs without one last; then by year and number */
static int by_score(const void *a, const void *b)
{
	const struct cve *x = *(struct cve *const *)a, *y = *(struct cve *const *)b;

	if (x->score != y->score)
		return x->score < y->score ? 1 : -1;
	return strverscmp(x->key, y->key);
}

static bool is_open(const struct cve *cve)
{
	return cve->affected & 1 && !cve->patch && cve->place != ABSENT;
}

static const char *score_text(const struct cve *cve, char *text, size_t size)
{
	if (cve->score < 0)
		return "-";
	snprintf(text, size, "%.1f", cve->score);
	return text;
}

static void print_line(const struct cve *cve, const char *place)
{
	char score[8];
	size_t i;

	printf("%-5s %-15s %-8s", score_text(cve, score, sizeof(score)), cve->key, place);
	/* the first says where; some name a hundred */
	for (i = 0; i < cve->files && i < 3; i++)
		printf(" %s", cve->file[i]);
	if (cve->files > 3)
		printf(" and %zu more", cve->files - 3);
	putchar('\n');
}

/* open ones without a score may be as bad as any */
static void print_table(struct cve *const *sorted, size_t n, const struct totals *t,
			const struct options *o)
{
	size_t i;

	if (t->affected - t->queue - t->place[ABSENT])
		printf("SCORE CVE             WHERE    FILES\n");
	for (i = 0; i < n; i++)
		if (is_open(sorted[i]))
			print_line(sorted[i], place_name[sorted[i]->place]);
	printf("linux %s: %zu of %zu CVEs affect it: %zu in the image, %zu in modules, %zu unknown, "
	       "%zu not compiled, %zu fixed by the queue\n",
	       o->release, t->affected, n, t->place[IMAGE], t->place[MODULE], t->place[UNKNOWN],
	       t->place[ABSENT], t->queue);
}

static void print_since(struct cve *const *sorted, size_t n, const struct options *o)
{
	size_t i, closed = 0, opened = 0;

	for (i = 0; i < n; i++) {
		bool before = sorted[i]->affected & 2,
		     now = sorted[i]->affected & 1 && !sorted[i]->patch;

		if (before && !now) {
			closed++;
			print_line(sorted[i], sorted[i]->patch ? "queue" : "release");
		}
		opened += !before && now;
	}
	printf("linux %s: closes %zu CVEs of %s; %zu affect only %s\n", o->release, closed,
	       o->since, opened, o->release);
}

/* jansson checks UTF-8, and the names come from elsewhere */
static json_t *text_or_null(const char *text)
{
	json_t *value = text ? json_string(text) : NULL;

	return value ? value : json_null();
}

static void put(json_t *object, const char *key, json_t *value)
{
	if (!value || json_object_set_new(object, key, value))
		fail("out of memory");
}

static json_t *cve_json(const struct cve *cve)
{
	json_t *object = json_object(), *files = json_array();
	size_t i;

	for (i = 0; i < cve->files; i++)
		json_array_append_new(files, text_or_null(cve->file[i]));
	put(object, "id", json_string(cve->key));
	put(object, "score", cve->score < 0 ? json_null() : json_real(cve->score));
	put(object, "where", json_string(place_name[cve->place]));
	put(object, "files", files);
	put(object, "patch", text_or_null(cve->patch));
	return object;
}

static void print_json(struct cve *const *sorted, size_t n, const struct totals *t,
		       const struct options *o, size_t malformed)
{
	json_t *root = json_object(), *list = json_array();
	size_t i;

	for (i = 0; i < n; i++)
		if (sorted[i]->affected & 1)
			json_array_append_new(list, cve_json(sorted[i]));
	put(root, "release", text_or_null(o->release));
	put(root, "records", json_integer((json_int_t)n));
	put(root, "malformed", json_integer((json_int_t)malformed));
	put(root, "affected", json_integer((json_int_t)t->affected));
	put(root, "image", json_integer((json_int_t)t->place[IMAGE]));
	put(root, "modules", json_integer((json_int_t)t->place[MODULE]));
	put(root, "unknown", json_integer((json_int_t)t->place[UNKNOWN]));
	put(root, "not_compiled", json_integer((json_int_t)t->place[ABSENT]));
	put(root, "queue", json_integer((json_int_t)t->queue));
	put(root, "cves", list);
	if (json_dumpf(root, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(3)))
		fail("standard output: cannot be written");
	putchar('\n');
	json_decref(root);
}

/* ---- OpenVEX 0.2.0 */

static json_t *statement(const struct cve *cve, const struct options *o)
{
	json_t *s = json_pack("{s:{s:s},s:[{s:s}]}", "vulnerability", "name", cve->key, "products",
			      "@id", o->product);

	if (!s)
		fail("%s: is not UTF-8", o->product);
	if (cve->patch) {
		put(s, "status", json_string("fixed"));
		put(s, "status_notes", text_or_null(cve->patch));
	} else if (cve->place == ABSENT) {
		put(s, "status", json_string("not_affected"));
		put(s, "justification", json_string("vulnerable_code_not_present"));
	} else if (cve->place == UNKNOWN) {
		put(s, "status", json_string("under_investigation"));
	} else {
		put(s, "status", json_string("affected"));
		put(s, "action_statement",
		    json_string("Update to a release of the line that has the fix, "
				"or add the fix to the queue."));
	}
	return s;
}

/* the time is that of SOURCE_DATE_EPOCH, if it is set */
static void write_vex(struct cve *const *sorted, size_t n, const struct options *o)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	time_t now = epoch ? (time_t)strtoll(epoch, NULL, 10) : time(NULL);
	json_t *root = json_object(), *list = json_array();
	char stamp[32], *id;
	size_t i;

	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
	if (asprintf(&id, "urn:openvex:%s:%s", o->product, stamp) < 0)
		fail("out of memory");
	for (i = 0; i < n; i++)
		if (sorted[i]->affected & 1)
			json_array_append_new(list, statement(sorted[i], o));
	put(root, "@context", json_string("https://openvex.dev/ns/v0.2.0"));
	put(root, "@id", json_string(id));
	put(root, "author", json_string("make cve"));
	put(root, "timestamp", json_string(stamp));
	put(root, "version", json_integer(1));
	put(root, "statements", list);
	if (json_dump_file(root, o->vex, JSON_INDENT(1)))
		fail("%s: cannot be written: %s", o->vex, strerror(errno));
	json_decref(root);
	free(id);
}

static int status(struct cve *const *sorted, size_t n, const struct options *o, size_t malformed)
{
	size_t i, high = 0, none = 0;

	for (i = 0; i < n && o->min >= 0; i++)
		if (is_open(sorted[i])) {
			high += sorted[i]->score >= o->min;
			none += sorted[i]->score < 0;
		}
	if (high)
		fprintf(stderr,
			"cve: error: linux %s: %zu open CVEs have a score of %g or more; %zu have none\n",
			o->release, high, o->min, none);
	if (malformed)
		fprintf(stderr,
			"cve: error: %s: %zu records were not read (above), and nothing is said about them\n",
			o->data, malformed);
	return malformed ? 3 : high ? 10 : 0;
}

int main(int argc, char **argv)
{
	struct table cves = { .entry_size = sizeof(struct cve) };
	struct options o = { NULL };
	struct totals t = { 0 };
	struct cve **sorted;
	version v[2];
	size_t malformed, i;

	(void)argc;
	read_options(&o, argv + 1);
	if (!version_parse(o.release, strlen(o.release), &v[0]))
		fail("%s: is not a release", o.release);
	if (o.since && !version_parse(o.since, strlen(o.since), &v[1]))
		fail("SINCE=%s: is not a release, such as 6.12.100", o.since);
	malformed = cve_read(o.data, v, o.since ? 2 : 1, &cves);
	sorted = (struct cve **)cves.entry;
	for (i = 0; i < cves.count; i++)
		sorted[i]->place = UNKNOWN;
	if (o.obj)
		cve_locate(&cves, o.obj, o.source, !o.no_modules);
	if (o.fixed)
		read_fixed(&cves, &o);
	count(&cves, &t);
	/* nothing is looked up any more */
	if (cves.count)
		qsort(sorted, cves.count, sizeof(*sorted), by_score);
	if (o.row)
		printf("%s %zu %zu %zu %zu %zu %zu\n", o.release, t.affected, t.place[IMAGE],
		       t.place[MODULE], t.place[UNKNOWN], t.place[ABSENT], t.queue);
	else if (o.since)
		print_since(sorted, cves.count, &o);
	else if (o.json)
		print_json(sorted, cves.count, &t, &o, malformed);
	else
		print_table(sorted, cves.count, &t, &o);
	if (o.vex)
		write_vex(sorted, cves.count, &o);
	if (fflush(stdout) || ferror(stdout))
		fail("standard output: cannot be written");
	i = (size_t)status(sorted, cves.count, &o, malformed);
	/* free what the sanitizers would report; the entries are in another order only */
	for (size_t n = 0; n < cves.count; n++) {
		for (size_t f = 0; f < sorted[n]->files; f++)
			free(sorted[n]->file[f]);
		free(sorted[n]->file);
		free((char *)sorted[n]->patch);
	}
	table_free(&cves);
	return (int)i;
}
