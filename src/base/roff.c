// SPDX-License-Identifier: Apache-2.0
#include "base/roff.h"

#include <string.h>

/* A line may not begin with what makes it a request. */
static void begin_line(FILE *file, const char *text)
{
	if (*text == '.' || *text == '\'')
		(void)fputs("\\&", file);
}

/* Plain ASCII: the page is read by any roff. */
void roff_text(FILE *file, const char *text)
{
	static const char ellipsis[] = "…";

	for (; *text != '\0'; text++) {
		if (strncmp(text, ellipsis, strlen(ellipsis)) == 0) {
			(void)fputs("\\&...", file);
			text += strlen(ellipsis) - 1;
		} else if (*text == '\\')
			(void)fputs("\\e", file);
		else if (*text == '-')
			(void)fputs("\\-", file);
		else if (*text == '~')
			(void)fputs("\\(ti", file);
		else if (*text == '^')
			(void)fputs("\\(ha", file);
		else
			(void)putc(*text, file);
	}
}

void roff_line(FILE *file, const char *text)
{
	size_t length = strlen(text);

	begin_line(file, text);
	roff_text(file, text);
	(void)fputs(length > 0 && strchr(".!?", text[length - 1]) ? "\n" : ".\n", file);
}

void roff_example(FILE *file, const char *lines)
{
	(void)fputs(".PP\n.nf\n", file);
	while (*lines != '\0') {
		size_t length = strcspn(lines, "\n");
		char line[256];

		(void)snprintf(line, sizeof(line), "%.*s", (int)length, lines);
		begin_line(file, line);
		roff_text(file, line);
		(void)putc('\n', file);
		lines += length + (lines[length] == '\n');
	}
	(void)fputs(".fi\n", file);
}
