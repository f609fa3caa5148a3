// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include "base/array.h"
#include "base/count.h"

#include <errno.h>
#include <locale.h>
#include <string.h>
#include <wchar.h>

#define GAP         2 /* Blanks between columns. */
#define REPLACEMENT "\xef\xbf\xbd"

static size_t cell_width(const char *cell);
static void append_blanks(struct text *text, size_t count);
static void render_row(const struct table *table, const char *const *cells, const size_t *widths,
		       struct text *text);

void table_fini(struct table *table)
{
	for (size_t i = 0; i < table->cell_count; i++)
		free(table->cells[i]);
	free(table->cells);
	*table = (struct table){};
}

void table_add_column(struct table *table, const char *title, bool numeric)
{
	if (table->column_count >= ARRAY_SIZE(table->titles))
		return;
	table->titles[table->column_count] = title;
	table->numeric[table->column_count++] = numeric;
}

int table_add_cell(struct table *table, const char *cell)
{
	_cleanup_free_ char *copy = strdup(cell && *cell ? cell : "-");
	int r;

	if (!copy)
		return -ENOMEM;
	r = array_append(table, cells, cell_count, cell_capacity, copy);
	if (r == 0)
		copy = NULL;
	return r;
}

void table_render(const struct table *table, bool colour, struct text *ret_text)
{
	const char *const *cells = (const char *const *)table->cells;
	size_t widths[TABLE_COLUMNS_MAX];

	for (size_t i = 0; i < table->column_count; i++)
		widths[i] = cell_width(table->titles[i]);
	for (size_t i = 0; i < table->cell_count; i++) {
		size_t *width = &widths[i % table->column_count];

		*width = MAX(*width, cell_width(cells[i]));
	}
	if (colour)
		text_append(ret_text, "\033[1m");
	render_row(table, table->titles, widths, ret_text);
	if (colour)
		text_append(ret_text, "\033[0m");
	for (size_t i = 0; i + table->column_count <= table->cell_count; i += table->column_count)
		render_row(table, cells + i, widths, ret_text);
}

/* The widths of characters are the locale's to know, and the user's may be "C". */
static locale_t utf8_locale(void)
{
	static locale_t locale;

	if (!locale)
		locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	return locale;
}

size_t text_append_printable(struct text *text, const char *string)
{
	locale_t locale = utf8_locale();
	locale_t before = locale ? uselocale(locale) : (locale_t)0;
	size_t left = strlen(string), width = 0;
	mbstate_t state = {};

	while (left > 0) {
		wchar_t character;
		size_t size = mbrtowc(&character, string, left, &state);
		bool valid = size <= left;
		int columns = valid ? wcwidth(character) : -1;

		if (!valid) {
			size = 1;
			state = (mbstate_t){};
		}
		if (columns < 0)
			text_append(text, REPLACEMENT);
		else
			text_append_bytes(text, string, size);
		width += columns < 0 ? 1 : (size_t)columns;
		string += size;
		left -= size;
	}
	if (before)
		(void)uselocale(before);
	return width;
}

static size_t cell_width(const char *cell)
{
	_cleanup_text_ struct text text = {};

	return text_append_printable(&text, cell);
}

static void append_blanks(struct text *text, size_t count)
{
	while (count-- > 0)
		text_append_char(text, ' ');
}

static void render_row(const struct table *table, const char *const *cells, const size_t *widths,
		       struct text *text)
{
	for (size_t i = 0; i < table->column_count; i++) {
		bool last = i + 1 == table->column_count;
		size_t padding = widths[i] - cell_width(cells[i]);

		if (table->numeric[i])
			append_blanks(text, padding);
		(void)text_append_printable(text, cells[i]);
		if (!table->numeric[i] && !last)
			append_blanks(text, padding);
		if (!last)
			append_blanks(text, GAP);
	}
	text_append_char(text, '\n');
}
