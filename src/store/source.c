// SPDX-License-Identifier: Apache-2.0
#include "store/source.h"

#include "base/text.h"
#include "store/statement.h"
#include "store/tag.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS                                                                             \
	"id, owner, subnet, vpc, instance, host, device, mac, mtu, attached, orientation, " \
	"override, addresses, description, created, attached_since, type, "                 \
	"primary_ipv4, primary_ipv6"

static void addresses_format(const struct source *source, struct text *text);
static void addresses_parse(const char *text, struct source *source);
static void mac_format(const uint8_t mac[6], char ret_text[18]);
static void mac_parse(const char *text, uint8_t ret_mac[6]);

int store_put_source(struct store *store, const struct source *source)
{
	_cleanup_text_ struct text addresses = {};
	char mac[18];

	addresses_format(source, &addresses);
	if (addresses.failed)
		return -ENOMEM;
	mac_format(source->mac, mac);
	return store_run(
		store,
		"INSERT INTO interfaces (" COLUMNS ") VALUES "
		"($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, "
		"$19) "
		"ON CONFLICT (id) DO UPDATE SET instance = excluded.instance, mac = excluded.mac, "
		"mtu = excluded.mtu, attached = excluded.attached, "
		"orientation = excluded.orientation, override = excluded.override, "
		"addresses = excluded.addresses, description = excluded.description, "
		"attached_since = excluded.attached_since, "
		"primary_ipv4 = excluded.primary_ipv4, primary_ipv6 = excluded.primary_ipv6",
		VALUES(TEXT(source->id.text), TEXT(source->owner.text), TEXT(source->subnet.text),
		       TEXT(source->vpc.text), TEXT_OR_NULL(source->instance.text),
		       TEXT_OR_NULL(source->host), TEXT_OR_NULL(source->device), TEXT(mac),
		       INTEGER(source->mtu), INTEGER(source->attached),
		       INTEGER(source->orientation), INTEGER(source->override),
		       TEXT(addresses.data ? addresses.data : ""), TEXT(source->description),
		       INTEGER(source->created), INTEGER(source->attached_since),
		       INTEGER(source->type), INTEGER(source->primary_ipv4),
		       INTEGER(source->primary_ipv6)));
}

int store_register_addresses(struct store *store, const struct source *source)
{
	char address[ADDRESS_TEXT_SIZE];
	int r = 0;

	for (size_t i = 0; r == 0 && i < source->address_count; i++) {
		address_format(&source->addresses[i], address);
		r = store_run(
			store,
			"INSERT INTO registered_addresses (owner, address, interface) "
			"VALUES ($1, $2, $3)",
			VALUES(TEXT(source->owner.text), TEXT(address), TEXT(source->id.text)));
	}
	return r;
}

int store_get_source(struct store *store, const char *id, struct source *ret_source)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store, "SELECT " COLUMNS " FROM interfaces WHERE id = $1", VALUES(TEXT(id)),
			&cursor);
	if (r < 0)
		return r;
	r = store_next_source(cursor, ret_source);
	if (r < 0)
		return r;
	return r == STORE_ROW ? 0 : STORE_MISSING;
}

int store_find_registered(struct store *store, const char *owner, const char *address,
			  struct resource_id *ret_id)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store,
			"SELECT interface FROM registered_addresses "
			"WHERE owner = $1 AND address = $2",
			VALUES(TEXT(owner), TEXT(address)), &cursor);
	if (r < 0)
		return r;
	r = store_next_id(cursor, ret_id);
	if (r < 0)
		return r;
	return r == STORE_ROW ? 0 : STORE_MISSING;
}

int store_count_address(struct store *store, const char *address, int64_t *ret_count)
{
	return store_query_integer(store,
				   "SELECT COUNT(*) FROM registered_addresses WHERE address = $1",
				   VALUES(TEXT(address)), ret_count);
}

int store_count_registered(struct store *store, const char *owner, int64_t *ret_count)
{
	return store_query_integer(
		store,
		"SELECT COUNT(*) FROM interfaces WHERE owner = $1 AND host IS NULL "
		"AND type = 0",
		VALUES(TEXT(owner)), ret_count);
}

int store_delete_source(struct store *store, const char *id)
{
	int r = store_delete_tags(store, id);

	return r < 0 ? r
		     : store_run_one(store, "DELETE FROM interfaces WHERE id = $1",
				     VALUES(TEXT(id)));
}

int store_select_sources(struct store *store, enum source_selection selection, const char *key,
			 const char *after, struct cursor **ret_cursor)
{
	static const char *const queries[] = {
		[SOURCES_OF_OWNER] = "SELECT " COLUMNS " FROM interfaces "
				     "WHERE owner = $1 AND id > $2 ORDER BY id",
		[SOURCES_OF_HOST] = "SELECT " COLUMNS " FROM interfaces "
				    "WHERE host = $1 AND id > $2 ORDER BY id",
		[SOURCES_OF_INSTANCE] = "SELECT " COLUMNS " FROM interfaces "
					"WHERE instance = $1 AND id > $2 ORDER BY id",
		[SOURCES_MIRRORED] = "SELECT " COLUMNS " FROM interfaces "
				     "WHERE owner = $1 AND id > $2 AND EXISTS "
				     "(SELECT 1 FROM sessions WHERE source = interfaces.id) "
				     "ORDER BY id",
	};

	return store_query(store, queries[selection], VALUES(TEXT(key), TEXT(after)), ret_cursor);
}

int store_next_source(struct cursor *cursor, struct source *ret_source)
{
	struct source source = {};
	int r = cursor_next(cursor);

	if (r != STORE_ROW)
		return r;
	CURSOR_COPY(cursor, 0, source.id.text);
	CURSOR_COPY(cursor, 1, source.owner.text);
	CURSOR_COPY(cursor, 2, source.subnet.text);
	CURSOR_COPY(cursor, 3, source.vpc.text);
	CURSOR_COPY(cursor, 4, source.instance.text);
	CURSOR_COPY(cursor, 5, source.host);
	CURSOR_COPY(cursor, 6, source.device);
	mac_parse(cursor_text(cursor, 7), source.mac);
	source.mtu = (uint32_t)cursor_integer(cursor, 8);
	source.attached = cursor_integer(cursor, 9);
	source.orientation = (enum orientation)cursor_integer(cursor, 10);
	source.override = (enum orientation)cursor_integer(cursor, 11);
	addresses_parse(cursor_text(cursor, 12), &source);
	CURSOR_COPY(cursor, 13, source.description);
	source.created = cursor_integer(cursor, 14);
	source.attached_since = cursor_integer(cursor, 15);
	source.type = (enum interface_type)cursor_integer(cursor, 16);
	source.primary_ipv4 = cursor_integer(cursor, 17);
	source.primary_ipv6 = cursor_integer(cursor, 18);
	*ret_source = source;
	return STORE_ROW;
}

int store_select_forgettable(struct store *store, const char *host, int64_t keep,
			     struct cursor **ret_cursor)
{
	return store_query(
		store,
		"SELECT id FROM interfaces AS i WHERE host = $1 AND attached = 0 "
		"AND override = 0 AND description = '' "
		"AND NOT EXISTS (SELECT 1 FROM sessions WHERE source = i.id) "
		"AND NOT EXISTS (SELECT 1 FROM targets WHERE type = 0 AND locator = i.id) "
		"AND NOT EXISTS (SELECT 1 FROM tags WHERE resource = i.id "
		"AND key NOT LIKE 'tmirror:%' AND (key <> 'Name' OR value <> i.device)) "
		"ORDER BY attached_since DESC, id LIMIT 1000000 OFFSET $2",
		VALUES(TEXT(host), INTEGER(keep)), ret_cursor);
}

int store_next_id(struct cursor *cursor, struct resource_id *ret_id)
{
	int r = cursor_next(cursor);

	if (r == STORE_ROW)
		CURSOR_COPY(cursor, 0, ret_id->text);
	return r;
}

static void addresses_format(const struct source *source, struct text *text)
{
	char address[ADDRESS_TEXT_SIZE];

	for (size_t i = 0; i < source->address_count; i++) {
		address_format(&source->addresses[i], address);
		text_printf(text, "%s%s", i > 0 ? " " : "", address);
	}
}

static void addresses_parse(const char *text, struct source *source)
{
	char address[ADDRESS_TEXT_SIZE];

	while (*text != '\0' && source->address_count < SOURCE_ADDRESSES_MAX) {
		size_t length = strcspn(text, " ");

		(void)snprintf(address, sizeof(address), "%.*s", (int)length, text);
		if (address_parse(address, &source->addresses[source->address_count]))
			source->address_count++;
		text += length + (text[length] != '\0');
	}
}

static void mac_format(const uint8_t mac[6], char ret_text[18])
{
	(void)snprintf(ret_text, 18, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
		       mac[3], mac[4], mac[5]);
}

static void mac_parse(const char *text, uint8_t ret_mac[6])
{
	(void)sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", &ret_mac[0], &ret_mac[1],
		     &ret_mac[2], &ret_mac[3], &ret_mac[4], &ret_mac[5]);
}
