/* An input as a command line: one word a line. */
#pragma once

#include "base/cleanup.h"
#include "fuzz.h"

#include <string.h>

#define WORDS_MAX 64

struct words {
	char *text;
	char *items[WORDS_MAX + 2]; /* The program's name first, NULL last. */
	int count;
};

static inline void words_cut(struct words *words, const uint8_t *data, size_t size)
{
	char *rest;

	static char program[] = "program";

	*words = (struct words){
		.text = strndup((const char *)data, size), .items = {program}, .count = 1};
	require(words->text);
	rest = words->text;
	while (rest && *rest != '\0' && words->count <= WORDS_MAX)
		words->items[words->count++] = strsep(&rest, "\n");
}

static inline void words_fini(struct words *words)
{
	free(words->text);
}
#define _cleanup_words_ _cleanup_(words_fini)
