// SPDX-License-Identifier: Apache-2.0
#include "store/filter.h"

#include "store/source.h"
#include "store/statement.h"
#include "store/tag.h"

#define FILTER_COLUMNS "id, owner, services, description, created"
#define RULE_COLUMNS                                                                   \
	"rules.id, filter, direction, number, action, protocol, source, destination, " \
	"source_from, source_to, destination_from, destination_to, "                   \
	"rules.description, tcp_flags_mask, tcp_flags_value, dscp"
#define RULE_COLUMN_COUNT 16

static void ports_read(struct cursor *cursor, int column, struct port_range *ret_ports);
static void dscp_read(struct cursor *cursor, int column, struct dscp_match *ret_dscp);

int store_put_filter(struct store *store, const struct filter *filter)
{
	return store_run(store,
			 "INSERT INTO filters (" FILTER_COLUMNS ") VALUES ($1, $2, $3, $4, $5) "
			 "ON CONFLICT (id) DO UPDATE SET services = excluded.services, "
			 "description = excluded.description",
			 VALUES(TEXT(filter->id.text), TEXT(filter->owner.text),
				INTEGER(filter->services), TEXT(filter->description),
				INTEGER(filter->created)));
}

int store_get_filter(struct store *store, const char *id, struct filter *ret_filter)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store, "SELECT " FILTER_COLUMNS " FROM filters WHERE id = $1",
			VALUES(TEXT(id)), &cursor);
	if (r < 0)
		return r;
	r = store_next_filter(cursor, ret_filter);
	if (r < 0)
		return r;
	return r == STORE_ROW ? 0 : STORE_MISSING;
}

int store_delete_filter(struct store *store, const char *id)
{
	int r;

	r = store_run(store,
		      "DELETE FROM tags WHERE resource = $1 OR resource IN "
		      "(SELECT id FROM rules WHERE filter = $1)",
		      VALUES(TEXT(id)));
	return r < 0 ? r
		     : store_run_one(store, "DELETE FROM filters WHERE id = $1", VALUES(TEXT(id)));
}

int store_count_filters(struct store *store, const char *owner, int64_t *ret_count)
{
	return store_query_integer(store, "SELECT COUNT(*) FROM filters WHERE owner = $1",
				   VALUES(TEXT(owner)), ret_count);
}

int store_select_filters(struct store *store, const char *owner, const char *after,
			 struct cursor **ret_cursor)
{
	return store_query(store,
			   "SELECT " FILTER_COLUMNS " FROM filters "
			   "WHERE owner = $1 AND id > $2 ORDER BY id",
			   VALUES(TEXT(owner), TEXT(after)), ret_cursor);
}

int store_next_filter(struct cursor *cursor, struct filter *ret_filter)
{
	struct filter filter = {};
	int r = cursor_next(cursor);

	if (r != STORE_ROW)
		return r;
	CURSOR_COPY(cursor, 0, filter.id.text);
	CURSOR_COPY(cursor, 1, filter.owner.text);
	filter.services = (unsigned int)cursor_integer(cursor, 2);
	CURSOR_COPY(cursor, 3, filter.description);
	filter.created = cursor_integer(cursor, 4);
	*ret_filter = filter;
	return STORE_ROW;
}

int store_load_rules(struct store *store, struct filter *filter)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct filter_rule rule;
	int r;

	r = store_query(store,
			"SELECT " RULE_COLUMNS " FROM rules WHERE filter = $1 "
			"ORDER BY direction, number",
			VALUES(TEXT(filter->id.text)), &cursor);
	while (r >= 0 && (r = store_next_rule(cursor, &rule)) == STORE_ROW)
		r = filter_add_rule(filter, &rule);
	return r;
}

int store_count_rules(struct store *store, const char *filter, int64_t *ret_count)
{
	return store_query_integer(store, "SELECT COUNT(*) FROM rules WHERE filter = $1",
				   VALUES(TEXT(filter)), ret_count);
}

int store_filter_accepts(struct store *store, const char *filter, bool *ret_answer)
{
	int64_t answer;
	int r;

	r = store_query_integer(store,
				"SELECT CASE WHEN EXISTS (SELECT 1 FROM rules "
				"WHERE filter = $1 AND action = $2) THEN 1 ELSE 0 END",
				VALUES(TEXT(filter), INTEGER(RULE_ACCEPT)), &answer);
	if (r == 0)
		*ret_answer = answer;
	return r;
}

int store_find_rule(struct store *store, const char *filter, enum direction direction,
		    uint16_t number, struct resource_id *ret_id)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store,
			"SELECT id FROM rules WHERE filter = $1 AND direction = $2 AND number = $3",
			VALUES(TEXT(filter), INTEGER(direction), INTEGER(number)), &cursor);
	if (r < 0)
		return r;
	r = store_next_id(cursor, ret_id);
	if (r < 0)
		return r;
	return r == STORE_ROW ? 0 : STORE_MISSING;
}

int store_put_rule(struct store *store, const struct filter_rule *rule)
{
	const struct port_range *from = &rule->source_ports, *to = &rule->destination_ports;
	char source[CIDR_TEXT_SIZE], destination[CIDR_TEXT_SIZE];

	cidr_format(&rule->source, source);
	cidr_format(&rule->destination, destination);
	return store_run(
		store,
		"INSERT INTO rules (id, filter, direction, number, action, protocol, source, "
		"destination, source_from, source_to, destination_from, destination_to, "
		"description, tcp_flags_mask, tcp_flags_value, dscp) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) "
		"ON CONFLICT (id) DO UPDATE SET direction = excluded.direction, "
		"number = excluded.number, action = excluded.action, protocol = excluded.protocol, "
		"source = excluded.source, destination = excluded.destination, "
		"source_from = excluded.source_from, source_to = excluded.source_to, "
		"destination_from = excluded.destination_from, "
		"destination_to = excluded.destination_to, description = excluded.description, "
		"tcp_flags_mask = excluded.tcp_flags_mask, "
		"tcp_flags_value = excluded.tcp_flags_value, dscp = excluded.dscp",
		VALUES(TEXT(rule->id.text), TEXT(rule->filter.text), INTEGER(rule->direction),
		       INTEGER(rule->number), INTEGER(rule->action), INTEGER(rule->protocol),
		       TEXT(source), TEXT(destination), INTEGER(from->set ? from->from : -1),
		       INTEGER(from->set ? from->to : -1), INTEGER(to->set ? to->from : -1),
		       INTEGER(to->set ? to->to : -1), TEXT(rule->description),
		       INTEGER(rule->tcp_flags.mask), INTEGER(rule->tcp_flags.value),
		       INTEGER(rule->dscp.set ? rule->dscp.value : -1)));
}

int store_get_rule(struct store *store, const char *id, struct filter_rule *ret_rule,
		   struct account_id *ret_owner)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store,
			"SELECT " RULE_COLUMNS ", owner FROM rules "
			"JOIN filters ON filters.id = rules.filter WHERE rules.id = $1",
			VALUES(TEXT(id)), &cursor);
	if (r < 0)
		return r;
	r = store_next_rule(cursor, ret_rule);
	if (r <= 0)
		return r < 0 ? r : STORE_MISSING;
	CURSOR_COPY(cursor, RULE_COLUMN_COUNT, ret_owner->text);
	return 0;
}

int store_delete_rule(struct store *store, const char *id)
{
	int r = store_delete_tags(store, id);

	return r < 0 ? r
		     : store_run_one(store, "DELETE FROM rules WHERE id = $1", VALUES(TEXT(id)));
}

int store_select_rules(struct store *store, enum rule_selection selection, const char *key,
		       const char *after, struct cursor **ret_cursor)
{
	static const char *const queries[] = {
		[RULES_OF_OWNER] = "SELECT " RULE_COLUMNS " FROM rules "
				   "JOIN filters ON filters.id = rules.filter "
				   "WHERE owner = $1 AND rules.id > $2 ORDER BY rules.id",
		[RULES_OF_FILTER] = "SELECT " RULE_COLUMNS " FROM rules "
				    "WHERE filter = $1 AND rules.id > $2 ORDER BY rules.id",
	};

	return store_query(store, queries[selection], VALUES(TEXT(key), TEXT(after)), ret_cursor);
}

int store_next_rule(struct cursor *cursor, struct filter_rule *ret_rule)
{
	struct filter_rule rule = {};
	int r = cursor_next(cursor);

	if (r != STORE_ROW)
		return r;
	CURSOR_COPY(cursor, 0, rule.id.text);
	CURSOR_COPY(cursor, 1, rule.filter.text);
	rule.direction = (enum direction)cursor_integer(cursor, 2);
	rule.number = (uint16_t)cursor_integer(cursor, 3);
	rule.action = (enum rule_action)cursor_integer(cursor, 4);
	rule.protocol = (int16_t)cursor_integer(cursor, 5);
	if (!cidr_parse(cursor_text(cursor, 6), &rule.source) ||
	    !cidr_parse(cursor_text(cursor, 7), &rule.destination))
		return -EBADMSG;
	ports_read(cursor, 8, &rule.source_ports);
	ports_read(cursor, 10, &rule.destination_ports);
	CURSOR_COPY(cursor, 12, rule.description);
	rule.tcp_flags.mask = (uint8_t)cursor_integer(cursor, 13);
	rule.tcp_flags.value = (uint8_t)cursor_integer(cursor, 14);
	dscp_read(cursor, 15, &rule.dscp);
	*ret_rule = rule;
	return STORE_ROW;
}

static void ports_read(struct cursor *cursor, int column, struct port_range *ret_ports)
{
	int64_t from = cursor_integer(cursor, column);

	if (from < 0)
		return;
	ret_ports->set = true;
	ret_ports->from = (uint16_t)from;
	ret_ports->to = (uint16_t)cursor_integer(cursor, column + 1);
}

static void dscp_read(struct cursor *cursor, int column, struct dscp_match *ret_dscp)
{
	int64_t value = cursor_integer(cursor, column);

	if (value < 0)
		return;
	ret_dscp->set = true;
	ret_dscp->value = (uint8_t)value;
}
