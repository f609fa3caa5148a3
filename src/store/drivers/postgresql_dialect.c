// SPDX-License-Identifier: Apache-2.0
/* The schema is written in words that both engines know.  What is left is a table of words that mean something else, and
 * are exchanged wherever they stand outside of quotes and comments.
 *
 * Texts are told apart and put in order by their bytes, as SQLite does it: lists are continued after the last key of a page,
 * so the order may not depend on the database's language. */
#include "store/drivers/postgresql_dialect.h"

#include "base/cleanup.h"
#include "base/count.h"
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

static const struct {
	const char *word, *words;
} rows[] = {
	{"TEXT", "TEXT COLLATE \"C\""},
	{"GROUP_CONCAT", "STRING_AGG"},
};

static size_t measure_piece(const char *sql, bool *ret_word);
static void append_word(struct text *text, const char *word, size_t length);

int postgresql_translate(const char *sql, char **ret_sql)
{
	_cleanup_text_ struct text text = {};

	text_append(&text, "");
	while (*sql != '\0') {
		bool word;
		size_t length = measure_piece(sql, &word);

		if (word)
			append_word(&text, sql, length);
		else
			text_printf(&text, "%.*s", (int)length, sql);
		sql += length;
	}
	if (text.failed)
		return -ENOMEM;
	*ret_sql = text_steal(&text);
	return 0;
}

/* A word, a comment, something in quotes, or a single character. */
static size_t measure_piece(const char *sql, bool *ret_word)
{
	size_t length = 0;

	*ret_word = isalpha((unsigned char)*sql) || *sql == '_';
	if (*ret_word) {
		while (isalnum((unsigned char)sql[length]) || sql[length] == '_')
			length++;
		return length;
	}
	if (strncmp(sql, "--", 2) == 0)
		return strcspn(sql, "\n");
	if (*sql != '\'' && *sql != '"')
		return 1;
	length = 1 + strcspn(sql + 1, *sql == '"' ? "\"" : "'");
	return length + (sql[length] != '\0');
}

static void append_word(struct text *text, const char *word, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strlen(rows[i].word) == length && strncmp(rows[i].word, word, length) == 0) {
			text_append(text, rows[i].words);
			return;
		}
	text_printf(text, "%.*s", (int)length, word);
}
