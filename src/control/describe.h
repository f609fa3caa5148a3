/* The engine behind every Describe call: ids, filters, pages.
 *
 * A noun tells in a table what can be asked of it.  Rows are read in the order of their keys, beginning after the last
 * one of the page before; those that match are completed (tags, rules) and collected until the page is full.  So
 * a page costs no more than the rows it passes over, and what is made or deleted between two pages disturbs nobody.
 *
 * The token for the next page is the last key, with a hash over noun, account and filters, in hexadecimal.
 * Private to control/. */
#pragma once

#include "control/control.h"
#include "control/query.h"
#include "store/cursor.h"

struct text;

struct describe;

/* A value of the record is offered to the filter that asks for it; one that fits is enough. */
struct match {
	const struct describe *describe;
	const struct query_filter *filter;
	bool found;
};

void match_text(struct match *match, const char *value);
void match_number(struct match *match, int64_t value);
void match_flag(struct match *match, bool value);
void match_address(struct match *match, const struct address *address);

/* One filter name.  'offer' offers every value that the record has for it.  Where all records have the same value it is
 * 'constant'; with neither, nothing ever matches. */
struct field {
	const char *name;
	void (*offer)(const void *record, struct match *match);
	const char *constant;
	bool late; /* Looks at what 'complete' fills in. */
};

struct noun {
	const char *name; /* As in "sessions"; ties a token to its action. */
	size_t record_size;
	int64_t smallest_page; /* 0: EC2's. */
	const struct field *fields;
	size_t field_count;

	/* The caller's rows in the order of their keys, beginning after 'after'. */
	int (*select)(struct describe *describe, const char *after, struct cursor **ret_cursor);
	/* Fills a zeroed record from the next row.  Returns STORE_ROW, or 0 at the end. */
	int (*next)(struct describe *describe, struct cursor *cursor, void *record);
	/* Fills a zeroed record by its id, or refuses; NULL: the noun has no ids. */
	int (*find)(struct describe *describe, const char *id, void *record, struct refusal *why);
	/* Adds what needs more queries, for records that match so far; may be NULL. */
	int (*complete)(struct describe *describe, void *record);
	void (*fini)(void *record); /* May be NULL. */
	/* Writes the key: what 'after' will be. */
	void (*key)(const void *record, struct text *ret_key);
	/* May be NULL: then there are no filters by tag. */
	const struct tags *(*tags)(const void *record);
	/* Rough size of a record, in records of usual size; NULL: 1. */
	size_t (*weight)(const void *record);
};

/* What the noun's functions are handed. */
struct describe {
	struct control *control;
	const struct caller *caller;
	const struct noun *noun;
	const struct query *query;
	const char *scope; /* Restricts the rows further, if the noun knows how; may be NULL. */
	size_t row;        /* Rows read so far: for nouns that need no cursor. */
};

/* Every noun's page has this shape, with items of its own type. */
struct page {
	void *items;
	size_t count, capacity;
	char *next_token;
};

int describe_run(struct describe *describe, struct page *ret_page, struct refusal *why);

/* Defines the release of a noun's page, by that of its items. */
#define DEFINE_PAGE_FINI(page_type, name, item_fini)     \
	void name(page_type *page)                       \
	{                                                \
		for (size_t i = 0; i < page->count; i++) \
			item_fini(&page->items[i]);      \
		free(page->items);                       \
		free(page->next_token);                  \
		*page = (page_type){};                   \
	}

/* Copies a page into the noun's own. */
#define PAGE_TAKE(ret_page, page)                           \
	do {                                                \
		(ret_page)->items = (page).items;           \
		(ret_page)->count = (page).count;           \
		(ret_page)->capacity = (page).capacity;     \
		(ret_page)->next_token = (page).next_token; \
	} while (0)
