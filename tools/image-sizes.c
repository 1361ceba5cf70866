// SPDX-License-Identifier: GPL-2.0
/*
 * image-sizes - how much of the image each object file is
 *
 *   ar t vmlinux.a | image-sizes VMLINUX
 *
 * Standard input has the paths of the objects that may be linked, a line each, relative to
 * the current directory; a name twice counts once. An object of a library is linked only if
 * VMLINUX has one of its global symbols. Prints a JSON object, sizes in bytes:
 *   total    text + data + bss of VMLINUX, as size(1) counts them
 *   objects  what the objects are of it
 *   missing  the number of paths that are no ELF file
 *   tree     {name, bytes, code, data, bss, children}: bytes = code + data + bss; a
 *            directory has the sum of its children, which are in the order of their sizes;
 *            the root has exactly the total
 * Of equal strings, which the linker stores once, the first object has the bytes. What no
 * object has is below "(linker)": the types (.BTF), the symbol names (kallsyms), and the
 * rest, which is mostly alignment and may be negative where the linker saved more. 6.1 with
 * the SRSO mitigation has 1,468,677 bytes of it around its entry code: that begins at a
 * multiple of 2 MB, and a thunk has to be 1 MB behind it.
 * Exit status: 0 done, 1 an error, 2 usage.
 */
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

const char program[] = "image-sizes";

enum kind { CODE, DATA, BSS, KINDS };

struct node {
	const char *key;  /* the path; a directory's ends with a slash */
	const char *name; /* its last part */
	struct node *child, *next;
	int64_t bytes[KINDS];
	bool added;
};

/* an open ELF file */
struct object {
	int fd;
	Elf *elf;
};

static struct table nodes = { .entry_size = sizeof(struct node) };
static struct table symbols = { .entry_size = sizeof(const char *) };
static struct table strings = { .entry_size = sizeof(const char *) };

static bool starts(const char *text, const char *head)
{
	return !strncmp(text, head, strlen(head));
}

static int64_t sum(const struct node *node)
{
	return node->bytes[CODE] + node->bytes[DATA] + node->bytes[BSS];
}

/* false: there is no such file, or it is not ELF */
static bool object_open(struct object *o, const char *path)
{
	o->elf = NULL;
	o->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (o->fd >= 0)
		o->elf = elf_begin(o->fd, ELF_C_READ_MMAP, NULL);
	if (o->elf && elf_kind(o->elf) == ELF_K_ELF)
		return true;
	elf_end(o->elf);
	if (o->fd >= 0)
		close(o->fd);
	return false;
}

static void object_close(struct object *o)
{
	elf_end(o->elf);
	close(o->fd);
}

static enum kind kind_of(const GElf_Shdr *head)
{
	return head->sh_type == SHT_NOBITS ? BSS : head->sh_flags & SHF_EXECINSTR ? CODE : DATA;
}

/* sections that the kernel's linker script drops */
static bool is_dropped(const char *name)
{
	static const char *const drop[] = { ".discard",	      ".modinfo",     ".eh_frame",
					    ".export_symbol", ".gnu.version", ".exitcall.exit" };
	size_t i;

	for (i = 0; i < sizeof(drop) / sizeof(*drop); i++)
		if (starts(name, drop[i]))
			return true;
	return false;
}

/* the bytes of those strings of a section that no earlier object has */
static int64_t new_strings(Elf_Scn *section)
{
	Elf_Data *data = elf_getdata(section, NULL);
	const char *text, *end;
	int64_t bytes = 0;

	if (!data || !data->d_size || !data->d_buf)
		return 0;
	text = data->d_buf;
	for (end = text + data->d_size; text < end; text += strlen(text) + 1) {
		if (!memchr(text, '\0', end - text))
			return bytes + (end - text);
		if (table_find(&strings, text))
			continue;
		table_add(&strings, text);
		bytes += strlen(text) + 1;
	}
	return bytes;
}

static void add_sections(Elf *elf, int64_t bytes[KINDS])
{
	Elf_Scn *section = NULL;
	size_t names;

	if (elf_getshdrstrndx(elf, &names))
		return;
	while ((section = elf_nextscn(elf, section))) {
		GElf_Shdr head;
		const char *name;

		if (!gelf_getshdr(section, &head) || !(head.sh_flags & SHF_ALLOC))
			continue;
		name = elf_strptr(elf, names, head.sh_name);
		if (!name || is_dropped(name))
			continue;
		if (head.sh_flags & SHF_MERGE && head.sh_flags & SHF_STRINGS &&
		    head.sh_entsize == 1)
			bytes[DATA] += new_strings(section);
		else
			bytes[kind_of(&head)] += head.sh_size;
	}
}

/* call EACH with every defined global symbol of ELF, until it returns true */
static bool each_symbol(Elf *elf, bool (*each)(const char *name, const GElf_Sym *symbol))
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(elf, section))) {
		GElf_Shdr head;
		Elf_Data *data;
		GElf_Sym symbol;
		size_t i;

		if (!gelf_getshdr(section, &head) || head.sh_type != SHT_SYMTAB ||
		    !(data = elf_getdata(section, NULL)))
			continue;
		for (i = 0; gelf_getsym(data, i, &symbol); i++) {
			const char *name = elf_strptr(elf, head.sh_link, symbol.st_name);

			if (name && *name && symbol.st_shndx != SHN_UNDEF && each(name, &symbol))
				return true;
		}
	}
	return false;
}

/* kallsyms' tables are the addresses from the first of its symbols to the one behind them */
static uint64_t kallsyms_first = UINT64_MAX, kallsyms_last, kallsyms_end = UINT64_MAX;

static bool remember(const char *name, const GElf_Sym *symbol)
{
	if (GELF_ST_BIND(symbol->st_info) != STB_LOCAL)
		table_add(&symbols, name);
	if (starts(name, "kallsyms_") && GELF_ST_TYPE(symbol->st_info) == STT_NOTYPE &&
	    strcmp(name, "kallsyms_start")) {
		if (symbol->st_value < kallsyms_first)
			kallsyms_first = symbol->st_value;
		if (symbol->st_value > kallsyms_last)
			kallsyms_last = symbol->st_value;
	}
	return false;
}

static bool find_end(const char *name, const GElf_Sym *symbol)
{
	(void)name;
	if (symbol->st_value > kallsyms_last && symbol->st_value < kallsyms_end)
		kallsyms_end = symbol->st_value;
	return false;
}

static bool is_in_image(const char *name, const GElf_Sym *symbol)
{
	return GELF_ST_BIND(symbol->st_info) != STB_LOCAL && table_find(&symbols, name);
}

static bool is_global(const char *name, const GElf_Sym *symbol)
{
	(void)name;
	return GELF_ST_BIND(symbol->st_info) != STB_LOCAL;
}

/* The node of PATH, with its directories. */
static struct node *node_of(const char *path)
{
	struct node *node = table_find(&nodes, path), *parent;
	size_t length = strlen(path), slash;
	char *above;

	if (node)
		return node;
	node = table_add(&nodes, path);
	for (slash = length; slash && (slash == length || path[slash - 1] != '/'); slash--)
		;
	node->name = node->key + slash;
	if (!length)
		return node;
	above = copy_n(path, slash);
	parent = node_of(above);
	free(above);
	node->next = parent->child;
	parent->child = node;
	return node;
}

static void add(const char *path, const int64_t bytes[KINDS])
{
	char *above = copy(path), *slash;
	int kind;

	for (;;) {
		struct node *node = node_of(above);

		for (kind = 0; kind < KINDS; kind++)
			node->bytes[kind] += bytes[kind];
		if (!*above)
			break;
		/* a directory keeps its slash */
		above[strlen(above) - 1] = '\0';
		slash = strrchr(above, '/');
		above[slash ? slash + 1 - above : 0] = '\0';
	}
	free(above);
}

/* False when PATH is no ELF file. */
static bool add_object(const char *path)
{
	int64_t bytes[KINDS] = { 0 };
	struct node *node = table_find(&nodes, path);
	struct object o;

	if (node && node->added)
		return true;
	if (!object_open(&o, path))
		return false;
	if (each_symbol(o.elf, is_in_image) || !each_symbol(o.elf, is_global)) {
		add_sections(o.elf, bytes);
		add(path, bytes);
		((struct node *)table_find(&nodes, path))->added = true;
	}
	object_close(&o);
	return true;
}

/* What the linker added to the image, TOTAL of which are to be explained. */
static void add_linker(Elf *elf, const int64_t total[KINDS])
{
	int64_t btf[KINDS] = { 0 }, names[KINDS] = { 0 }, rest[KINDS];
	const struct node *top = node_of("");
	Elf_Scn *section = NULL;
	size_t index;
	int kind;

	while (!elf_getshdrstrndx(elf, &index) && (section = elf_nextscn(elf, section))) {
		GElf_Shdr head;
		const char *name;

		if (gelf_getshdr(section, &head) && head.sh_flags & SHF_ALLOC &&
		    (name = elf_strptr(elf, index, head.sh_name)) && starts(name, ".BTF"))
			btf[DATA] += head.sh_size;
	}
	each_symbol(elf, find_end);
	if (kallsyms_last && kallsyms_end != UINT64_MAX)
		names[DATA] = kallsyms_end - kallsyms_first;
	for (kind = 0; kind < KINDS; kind++)
		rest[kind] = total[kind] - top->bytes[kind] - btf[kind] - names[kind];
	add("(linker)/types for BPF (.BTF)", btf);
	add("(linker)/symbol names (kallsyms)", names);
	add("(linker)/alignment and the rest", rest);
}

static int by_size(const void *a, const void *b)
{
	const struct node *x = *(struct node *const *)a, *y = *(struct node *const *)b;

	if (sum(x) != sum(y))
		return sum(x) < sum(y) ? 1 : -1;
	return strcmp(x->name, y->name);
}

static void print_string(const char *text)
{
	putchar('"');
	for (; *text; text++)
		if (*text == '"' || *text == '\\' || (unsigned char)*text < ' ')
			printf("\\u%04x", (unsigned char)*text);
		else
			putchar(*text);
	putchar('"');
}

static void print_node(const struct node *node)
{
	struct node **child, *c;
	size_t count = 0, i;

	fputs("{\"name\":", stdout);
	print_string(node->name);
	printf(",\"bytes\":%" PRId64 ",\"code\":%" PRId64 ",\"data\":%" PRId64 ",\"bss\":%" PRId64,
	       sum(node), node->bytes[CODE], node->bytes[DATA], node->bytes[BSS]);
	for (c = node->child; c; c = c->next)
		count++;
	if (count) {
		child = calloc(count, sizeof(*child));
		if (!child)
			fail("out of memory");
		for (c = node->child, i = 0; c; c = c->next)
			child[i++] = c;
		qsort(child, count, sizeof(*child), by_size);
		for (i = 0; i < count; i++) {
			fputs(i ? ",\n" : ",\"children\":[\n", stdout);
			print_node(child[i]);
		}
		putchar(']');
		free(child);
	}
	putchar('}');
}

/* text + data + bss of the image, by kind */
static void image_sizes(Elf *elf, int64_t total[KINDS])
{
	Elf_Scn *section = NULL;
	GElf_Shdr head;

	while ((section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &head) && head.sh_flags & SHF_ALLOC)
			total[kind_of(&head)] += head.sh_size;
}

int main(int argc, char **argv)
{
	struct reader in = { .file = stdin, .path = "standard input" };
	int64_t total[KINDS] = { 0 }, objects;
	unsigned long missing = 0;
	struct object image;

	if (argc != 2) {
		fputs("usage: ar t vmlinux.a | image-sizes VMLINUX\n", stderr);
		return 2;
	}
	elf_version(EV_CURRENT);
	if (!object_open(&image, argv[1]))
		fail("%s: is not an ELF file", argv[1]);
	each_symbol(image.elf, remember);
	image_sizes(image.elf, total);
	node_of("");
	while (reader_next(&in))
		missing += *in.line && !add_object(in.line);
	objects = sum(node_of(""));
	add_linker(image.elf, total);
	printf("{\"total\":%" PRId64 ",\"objects\":%" PRId64 ",\"missing\":%lu,\n\"tree\":",
	       total[CODE] + total[DATA] + total[BSS], objects, missing);
	print_node(node_of(""));
	puts("}");
	object_close(&image);
	table_free(&nodes);
	table_free(&symbols);
	table_free(&strings);
	return 0;
}
