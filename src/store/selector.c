// SPDX-License-Identifier: Apache-2.0
#include "store/selector.h"

#include "store/session_options.h"
#include "store/tag.h"

#define COLUMNS                                                                \
	"id, owner, target, filter, number, vni, packet_length, description, " \
	"created, " OPTION_COLUMNS ", own_vnis, ending"
#define FIRST_OPTION 9

/* A selector that has ended still has sessions until it is gone. */
#define EXPIRED "expires > 0 AND expires <= $1 AND ending = 0"

static int terms_put(struct store *store, const struct selector *selector);

int store_put_selector(struct store *store, const struct selector *selector)
{
	const struct session *model = &selector->model;
	char outer_source[ADDRESS_TEXT_SIZE];
	int r;

	options_format_source(&model->options, outer_source);
	r = store_run(
		store,
		"INSERT INTO selectors (" COLUMNS ") "
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, "
		"$17, $18, $19, $20, $21, $22, $23) "
		"ON CONFLICT (id) DO UPDATE SET target = excluded.target, "
		"filter = excluded.filter, number = excluded.number, vni = excluded.vni, "
		"packet_length = excluded.packet_length, description = "
		"excluded.description, " OPTION_UPDATES
		", own_vnis = excluded.own_vnis, ending = excluded.ending",
		VALUES(TEXT(selector->id.text), TEXT(model->owner.text), TEXT(model->target.text),
		       TEXT(model->filter.text), INTEGER(model->number), INTEGER(model->vni),
		       INTEGER(model->packet_length), TEXT(model->description),
		       INTEGER(model->created), OPTION_VALUES(&model->options, outer_source),
		       INTEGER(selector->own_vnis), INTEGER(selector->ending)));
	return r < 0 ? r : terms_put(store, selector);
}

int store_get_selector(struct store *store, const char *id, struct selector *ret_selector)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	_cleanup_selector_ struct selector selector = {};
	int r;

	r = store_query(store, "SELECT " COLUMNS " FROM selectors WHERE id = $1", VALUES(TEXT(id)),
			&cursor);
	if (r == 0)
		r = store_next_selector(cursor, &selector);
	if (r != STORE_ROW)
		return r < 0 ? r : STORE_MISSING;
	r = store_load_selector_terms(store, &selector);
	if (r < 0)
		return r;
	*ret_selector = selector;
	selector = (struct selector){};
	return 0;
}

int store_delete_selector(struct store *store, const char *id)
{
	int r = store_delete_tags(store, id);

	return r < 0 ? r
		     : store_run_one(store, "DELETE FROM selectors WHERE id = $1",
				     VALUES(TEXT(id)));
}

int store_count_selectors(struct store *store, enum selector_selection selection, const char *key,
			  int64_t *ret_count)
{
	static const char *const queries[] = {
		[SELECTORS_OF_OWNER] = "SELECT COUNT(*) FROM selectors WHERE owner = $1",
		[SELECTORS_OF_FILTER] = "SELECT COUNT(*) FROM selectors WHERE filter = $1",
		[SELECTORS_OF_TARGET] = ("SELECT COUNT(*) FROM selectors WHERE target = $1 "
					 "AND owner = (SELECT owner FROM targets WHERE id = $1)"),
	};

	return store_query_integer(store, queries[selection], VALUES(TEXT(key)), ret_count);
}

int store_count_expired_selectors(struct store *store, int64_t now, int64_t *ret_count)
{
	return store_query_integer(store, "SELECT COUNT(*) FROM selectors WHERE " EXPIRED,
				   VALUES(INTEGER(now)), ret_count);
}

int store_end_expired_selectors(struct store *store, int64_t now)
{
	return store_run(store, "UPDATE selectors SET ending = 1, swept = '' WHERE " EXPIRED,
			 VALUES(INTEGER(now)));
}

int store_select_selectors(struct store *store, const char *owner, const char *after,
			   struct cursor **ret_cursor)
{
	return store_query(store,
			   "SELECT " COLUMNS " FROM selectors WHERE owner = $1 AND id > $2 "
			   "ORDER BY id",
			   VALUES(TEXT(owner), TEXT(after)), ret_cursor);
}

int store_next_selector(struct cursor *cursor, struct selector *ret_selector)
{
	struct selector selector = {};
	struct session *model = &selector.model;
	int r = cursor_next(cursor);

	if (r == STORE_ROW)
		r = options_read(cursor, FIRST_OPTION, &model->options);
	if (r != STORE_ROW)
		return r;
	CURSOR_COPY(cursor, 0, selector.id.text);
	CURSOR_COPY(cursor, 1, model->owner.text);
	CURSOR_COPY(cursor, 2, model->target.text);
	CURSOR_COPY(cursor, 3, model->filter.text);
	model->number = (uint16_t)cursor_integer(cursor, 4);
	model->vni = (uint32_t)cursor_integer(cursor, 5);
	model->packet_length = (uint16_t)cursor_integer(cursor, 6);
	CURSOR_COPY(cursor, 7, model->description);
	model->created = cursor_integer(cursor, 8);
	model->selector = selector.id;
	selector.own_vnis = cursor_integer(cursor, FIRST_OPTION + OPTION_COUNT);
	selector.ending = cursor_integer(cursor, FIRST_OPTION + OPTION_COUNT + 1);
	*ret_selector = selector;
	return STORE_ROW;
}

int store_load_selector_terms(struct store *store, struct selector *selector)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store,
			"SELECT filter, key, value IS NULL, value FROM selector_terms "
			"WHERE selector = $1 ORDER BY place",
			VALUES(TEXT(selector->id.text)), &cursor);
	while (r >= 0 && (r = cursor_next(cursor)) == STORE_ROW)
		r = selector_add_term(selector, (unsigned int)cursor_integer(cursor, 0),
				      cursor_text(cursor, 1),
				      cursor_integer(cursor, 2) ? NULL : cursor_text(cursor, 3));
	return r;
}

static int terms_put(struct store *store, const struct selector *selector)
{
	int r = store_run(store, "DELETE FROM selector_terms WHERE selector = $1",
			  VALUES(TEXT(selector->id.text)));

	for (size_t i = 0; r == 0 && i < selector->term_count; i++) {
		const struct selector_term *term = &selector->terms[i];
		const struct value value = term->value ? TEXT(term->value)
						       : (struct value){.kind = VALUE_NULL};

		r = store_run(store,
			      "INSERT INTO selector_terms (selector, place, filter, key, value) "
			      "VALUES ($1, $2, $3, $4, $5)",
			      VALUES(TEXT(selector->id.text), INTEGER(i), INTEGER(term->filter),
				     TEXT(term->key), value));
	}
	return r;
}
