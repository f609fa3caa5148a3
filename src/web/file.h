/* The console's files as the build has put them into the program: each whole, and in the codings that made it smaller.
 *
 * tools/embed_files.py writes the table, ordered by path.  An empty one is a build without the console. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum web_coding {
	WEB_IDENTITY,
	WEB_GZIP,
	WEB_BROTLI,
	WEB_CODING_COUNT,
};

struct web_body {
	const void *data; /* NULL: not in this coding. */
	size_t size;
};

struct web_file {
	const char *path; /* Below the console's root, as in "assets/index-B4gQ.js". */
	const char *type; /* Content-Type */
	const char *tag;  /* A hash of what it says. */
	bool immutable;   /* Another content would have another name. */
	struct web_body bodies[WEB_CODING_COUNT];
};

struct web_files {
	const struct web_file *items;
	size_t count;
};

/* Those of this build. */
extern const struct web_files web_console_files;
