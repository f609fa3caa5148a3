// SPDX-License-Identifier: Apache-2.0
/* What travels between controller and agent for a peek:
 *
 *	{"items": [{"session": "tms-…", "snap_length": 128}]}
 *
 *	{"packets": [{"session": "tms-…", "time": NANOSECONDS, "direction": "ingress", "length": 1514, "skipped": 7,
 *	              "bytes": "base64"}]} */
#include "mirror/peek.h"

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "mirror/filter.h"
#include "mirror/record.h"
#include "mirror/refusals.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

static const char *direction_text(unsigned int value);

static const struct record_type bytes_type;

static const struct record_field wish_fields[] = {
	FIELD(peek_wish, session, record_id, .kind = RESOURCE_SESSION),
	FIELD(peek_wish, snap_length, record_number, .minimum = 1, .maximum = PEEK_SNAP_MAX),
};
static const struct record_field wish_item = OBJECT(wish_fields);

static const struct record_field wishes_fields[] = {
	FIELD_LIST(peek_wishes, items, item, wish_item, PEEK_WISHES_MAX),
};
static const struct record_field wishes_record = OBJECT(wishes_fields);

static const struct record_field packet_fields[] = {
	FIELD(peek_packet, session, record_id, .kind = RESOURCE_SESSION),
	FIELD(peek_packet, time, record_number, .maximum = LLONG_MAX),
	FIELD(peek_packet, direction, record_name, .name = direction_text,
	      .maximum = DIRECTION_COUNT - 1),
	FIELD(peek_packet, length, record_number, .maximum = UINT32_MAX),
	FIELD(peek_packet, skipped, record_number, .maximum = LLONG_MAX, .sparse = true),
	FIELD(peek_packet, bytes, bytes_type),
};
static const struct record_field packet_item = OBJECT(packet_fields);

static const struct record_field batch_fields[] = {
	FIELD_LIST(peek_batch, packets, packet, packet_item, PEEK_BATCH_PACKETS_MAX),
};
static const struct record_field batch_record = OBJECT(batch_fields);

void peek_wishes_fini(struct peek_wishes *wishes)
{
	free(wishes->items);
	*wishes = (struct peek_wishes){};
}

bool peek_wishes_equal(const struct peek_wishes *left, const struct peek_wishes *right)
{
	if (left->item_count != right->item_count)
		return false;
	for (size_t i = 0; i < left->item_count; i++)
		if (!resource_id_equal(&left->items[i].session, &right->items[i].session) ||
		    left->items[i].snap_length != right->items[i].snap_length)
			return false;
	return true;
}

void peek_packet_fini(struct peek_packet *packet)
{
	if (packet->bytes.data)
		explicit_bzero(packet->bytes.data, packet->bytes.size);
	free(packet->bytes.data);
	*packet = (struct peek_packet){};
}

void peek_batch_fini(struct peek_batch *batch)
{
	for (size_t i = 0; i < batch->packet_count; i++)
		peek_packet_fini(&batch->packets[i]);
	free(batch->packets);
	*batch = (struct peek_batch){};
}

int peek_wishes_encode(const struct peek_wishes *wishes, char **ret_json)
{
	return record_write(&wishes_record, wishes, ret_json);
}

int peek_wishes_decode(const char *json, size_t size, struct peek_wishes *ret_wishes,
		       struct refusal *why)
{
	*ret_wishes = (struct peek_wishes){};
	return record_read(&wishes_record, "peek", json, size, PEEK_JSON_SIZE_MAX, ret_wishes, why);
}

int peek_batch_encode(const struct peek_batch *batch, char **ret_json)
{
	return record_write(&batch_record, batch, ret_json);
}

int peek_batch_decode(const char *json, size_t size, struct peek_batch *ret_batch,
		      struct refusal *why)
{
	*ret_batch = (struct peek_batch){};
	return record_read(&batch_record, "batch of packets", json, size, PEEK_JSON_SIZE_MAX,
			   ret_batch, why);
}

static const char *direction_text(unsigned int value)
{
	return direction_name((enum direction)value);
}

static int bytes_encode(const struct record_field *field, const void *owner, json_t **ret_json)
{
	const struct peek_bytes *bytes = record_get_member(field, owner);
	_cleanup_text_ struct text text = {};

	text_append(&text, "");
	base64_append(&text, bytes->data, bytes->size);
	*ret_json = text.failed ? NULL : json_stringn(text.data, text.length);
	return *ret_json ? 0 : -ENOMEM;
}

static int bytes_decode(const struct record_field *field, json_t *json, void *owner,
			struct refusal *why)
{
	struct peek_bytes *bytes = record_member(field, owner);
	uint8_t read[PEEK_SNAP_MAX];
	size_t size;

	if (!json_is_string(json) ||
	    !base64_decode(json_string_value(json), read, sizeof(read), &size))
		return refuse(why, REFUSE_PARAMETER_VALUE, "'%s' is not base64 of at most %d bytes",
			      field->key, PEEK_SNAP_MAX);
	bytes->data = malloc(size + 1);
	if (!bytes->data)
		return -ENOMEM;
	memcpy(bytes->data, read, size);
	bytes->size = (uint16_t)size;
	return 0;
}

static const struct record_type bytes_type = {bytes_encode, bytes_decode};
