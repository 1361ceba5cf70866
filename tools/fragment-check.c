// SPDX-License-Identifier: GPL-2.0
/*
 * fragment-check - is every line of configuration fragments one that kconfig reads?
 *
 *   fragment-check FILE...
 *
 * kconfig ignores a line that it does not understand, or takes a part of it, and the
 * user's request is lost. Valid are an empty line, a comment, "CONFIG_SYMBOL=VALUE" and
 * "# CONFIG_SYMBOL is not set". VALUE is y, m, n, a decimal or hexadecimal number, or
 * text in double quotes, with \ before " and \. A comment in which a symbol "is not set"
 * must be that exactly.
 *
 * Prints "FILE:LINE: what is wrong" for each other line. Exit status: 0 all lines are
 * valid, 3 some are not, 1 an error, 2 usage.
 */
#include <ctype.h>
#include <string.h>

#include "text.h"

#define SYMBOL_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
#define DIGITS	     "0123456789"
#define BLANKS	     " \t\r"

const char program[] = "fragment-check";

static bool starts(const char *text, const char *head)
{
	return !strncmp(text, head, strlen(head));
}

/* the length of the value that TEXT begins with, 0 if it begins with none */
static size_t value_length(const char *text)
{
	size_t i;

	if (*text == '"') {
		for (i = 1; text[i] && text[i] != '"'; i++)
			if (text[i] == '\\' && text[i + 1])
				i++;
		return text[i] ? i + 1 : 0;
	}
	if (starts(text, "0x") || starts(text, "0X")) {
		i = strspn(text + 2, DIGITS "abcdefABCDEF");
		return i ? i + 2 : 0;
	}
	if (*text == 'y' || *text == 'm' || *text == 'n')
		return 1;
	i = *text == '-';
	i += strspn(text + i, DIGITS);
	return isdigit((unsigned char)text[i ? i - 1 : 0]) ? i : 0;
}

/* what is wrong with the value of a request, or NULL */
static const char *value_error(const char *value)
{
	size_t length = value_length(value);
	const char *rest = value + length, *word = rest + strspn(rest, BLANKS);

	if (!*rest && length)
		return NULL;
	if (length && *word == '#')
		return "a comment behind a value becomes part of it: put it on a line of its own";
	if (length && !*word)
		return "there are blanks behind the value";
	if (*value == '"')
		return "the text has no closing quote, or more behind it";
	return "the value is not y, m, n, a number or text in double quotes";
}

static const char *comment_error(const char *line)
{
	const char *symbol = line + strspn(line, "# \t");
	size_t length = strspn(symbol, SYMBOL_CHARS);

	if (!starts(symbol, "CONFIG_") || !starts(symbol + length, " is not set"))
		return NULL;
	if (starts(line, "# CONFIG_") && !strcmp(symbol + length, " is not set"))
		return NULL;
	return "it must be \"# CONFIG_SYMBOL is not set\" exactly, or kconfig takes it for a comment";
}

/* what is wrong with LINE, or NULL */
static const char *line_error(const char *line, unsigned long number)
{
	size_t length = strlen(line), symbol;

	if (number == 1 && starts(line, "\xef\xbb\xbf"))
		return "the file begins with a byte order mark: save it as UTF-8 without one";
	if (number == 1 && (starts(line, "\xff\xfe") || starts(line, "\xfe\xff")))
		return "the file is UTF-16, as PowerShell writes it: save it as UTF-8";
	if (length && line[length - 1] == '\r')
		return "the line ends in CRLF; tr -d '\\r' removes that";
	if (!line[strspn(line, BLANKS)])
		return NULL;
	if (*line == '#')
		return comment_error(line);
	if (strchr(BLANKS, *line))
		return "the line is indented";
	symbol = strspn(line, SYMBOL_CHARS);
	if (!starts(line, "CONFIG_") || symbol == strlen("CONFIG_"))
		return "it is no request: CONFIG_SYMBOL=VALUE, or # CONFIG_SYMBOL is not set";
	if (line[symbol] != '=')
		return "there is no = behind the symbol";
	return value_error(line + symbol + 1);
}

int main(int argc, char **argv)
{
	bool found = false;
	struct reader r;
	const char *what;
	int arg;

	if (argc < 2) {
		fputs("usage: fragment-check FILE...\n", stderr);
		return 2;
	}
	for (arg = 1; arg < argc; arg++) {
		bool told = false;

		reader_open(&r, argv[arg]);
		while (reader_next(&r)) {
			what = told ? NULL : line_error(r.line, r.number);
			if (!what)
				continue;
			printf("%s:%lu: %s\n", argv[arg], r.number, what);
			found = true;
			/* the other lines have the same error */
			told = strstr(what, "UTF") || strstr(what, "CRLF");
		}
	}
	return found ? 3 : 0;
}
