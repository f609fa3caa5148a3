// SPDX-License-Identifier: Apache-2.0
#include "mirror/record.h"

#include "base/address.h"
#include "base/array.h"
#include "base/text.h"
#include "mirror/refusals.h"
#include "mirror/source.h"
#include "mirror/tag.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static int text_encode(const char *text, json_t **ret_json);
static const char *text_decode(const struct record_field *field, json_t *json, const char *expected,
			       struct refusal *why);
static long long number_load(const struct record_field *field, const void *owner);
static void number_store(const struct record_field *field, void *owner, long long value);
static bool is_left_out(const struct record_field *field, const void *owner);
static int list_add(const struct record_field *field, void *owner, void **ret_item);
static int refuse_at(struct refusal *why, const char *key, size_t index);

const char *record_orientation_name(unsigned int value)
{
	return orientation_name((enum orientation)value);
}

int record_write(const struct record_field *object, const void *record, char **ret_json)
{
	json_auto_t *json = NULL;
	char *text;
	int r;

	r = object->type->encode(object, record, &json);
	if (r < 0)
		return r;
	text = json_dumps(json, JSON_COMPACT);
	if (!text)
		return -ENOMEM;
	*ret_json = text;
	return 0;
}

int record_read(const struct record_field *object, const char *what, const char *json, size_t size,
		size_t size_max, void *record, struct refusal *why)
{
	json_auto_t *document = NULL;
	json_error_t error = {};

	if (size > size_max)
		return refuse(why, REFUSE_REQUEST_TOO_LARGE,
			      "The %s has %zu bytes; %zu are the most", what, size, size_max);
	document = json_loadb(json, size, JSON_REJECT_DUPLICATES, &error);
	/* Where jansson finds no memory it mostly fails without a word. */
	if (!document &&
	    (json_error_code(&error) == json_error_out_of_memory || error.text[0] == '\0'))
		return -ENOMEM;
	if (!document)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The %s is not well-formed JSON: line %d, column %d: %.200s", what,
			      error.line, error.column, error.text);
	return object->type->decode(object, document, record, why);
}

static int number_encode(const struct record_field *field, const void *owner, json_t **ret_json)
{
	*ret_json = json_integer(number_load(field, owner));
	return *ret_json ? 0 : -ENOMEM;
}

static int number_decode(const struct record_field *field, json_t *json, void *owner,
			 struct refusal *why)
{
	if (!json_is_integer(json) || json_integer_value(json) < field->minimum ||
	    json_integer_value(json) > field->maximum)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "'%s' is not a whole number between %lld and %lld", field->key,
			      field->minimum, field->maximum);
	number_store(field, owner, json_integer_value(json));
	return 0;
}

const struct record_type record_number = {number_encode, number_decode};

static int flag_encode(const struct record_field *field, const void *owner, json_t **ret_json)
{
	const bool *flag = record_get_member(field, owner);

	*ret_json = json_boolean(*flag);
	return 0;
}

static int flag_decode(const struct record_field *field, json_t *json, void *owner,
		       struct refusal *why)
{
	bool *flag = record_member(field, owner);

	if (!json_is_boolean(json))
		return refuse(why, REFUSE_PARAMETER_VALUE, "'%s' is neither true nor false",
			      field->key);
	*flag = json_is_true(json);
	return 0;
}

const struct record_type record_flag = {flag_encode, flag_decode};

static int string_encode(const struct record_field *field, const void *owner, json_t **ret_json)
{
	return text_encode(record_get_member(field, owner), ret_json);
}

static int string_decode(const struct record_field *field, json_t *json, void *owner,
			 struct refusal *why)
{
	const char *text = text_decode(field, json, "text", why);

	if (!text)
		return REFUSED;
	if (!text_is_presentable(text, SIZE_MAX))
		return refuse(why, REFUSE_PARAMETER_VALUE, "'%s' holds control characters",
			      field->key);
	if (!string_copy(record_member(field, owner), field->size, text))
		return refuse(why, REFUSE_PARAMETER_VALUE, "'%s' is longer than %zu bytes",
			      field->key, field->size - 1);
	return 0;
}

const struct record_type record_text = {string_encode, string_decode};

static int name_encode(const struct record_field *field, const void *owner, json_t **ret_json)
{
	return text_encode(field->name((unsigned int)number_load(field, owner)), ret_json);
}

static int name_decode(const struct record_field *field, json_t *json, void *owner,
		       struct refusal *why)
{
	const char *text = text_decode(field, json, "a name", why);

	if (!text)
		return REFUSED;
	for (long long value = 0; value <= field->maximum; value++) {
		if (strcmp(field->name((unsigned int)value), text) != 0)
			continue;
		number_store(field, owner, value);
		return 0;
	}
	return refuse(why, REFUSE_PARAMETER_VALUE, "'%s' does not know '%.64s'", field->key, text);
}

const struct record_type record_name = {name_encode, name_decode};

static int id_encode(const struct record_field *field, const void *owner, json_t **ret_json)
{
	const struct resource_id *id = record_get_member(field, owner);

	return text_encode(id->text, ret_json);
}

static int id_decode(const struct record_field *field, json_t *json, void *owner,
		     struct refusal *why)
{
	const char *text = text_decode(field, json, "an id", why);

	if (!text)
		return REFUSED;
	if (!resource_id_parse(field->kind, text, record_member(field, owner)))
		return refuse(why, REFUSE_PARAMETER_VALUE, "'%s' is not the id of a %s: '%.64s'",
			      field->key, resource_kind_name(field->kind), text);
	return 0;
}

const struct record_type record_id = {id_encode, id_decode};

static int address_encode(const struct record_field *field, const void *owner, json_t **ret_json)
{
	const struct address *address = record_get_member(field, owner);
	char text[ADDRESS_TEXT_SIZE];

	if (address->family == 0)
		return 0;
	address_format(address, text);
	return text_encode(text, ret_json);
}

static int address_decode(const struct record_field *field, json_t *json, void *owner,
			  struct refusal *why)
{
	const char *text = text_decode(field, json, "an address", why);

	if (!text)
		return REFUSED;
	if (!address_parse(text, record_member(field, owner)))
		return refuse(why, REFUSE_PARAMETER_VALUE, "'%s' is not an address: '%.64s'",
			      field->key, text);
	return 0;
}

const struct record_type record_address = {address_encode, address_decode};

static int cidr_encode(const struct record_field *field, const void *owner, json_t **ret_json)
{
	char text[CIDR_TEXT_SIZE];

	cidr_format(record_get_member(field, owner), text);
	return text_encode(text, ret_json);
}

static int cidr_decode(const struct record_field *field, json_t *json, void *owner,
		       struct refusal *why)
{
	const char *text = text_decode(field, json, "a CIDR block", why);

	if (!text)
		return REFUSED;
	if (!cidr_parse(text, record_member(field, owner)))
		return refuse(why, REFUSE_PARAMETER_VALUE, "'%s' is not a CIDR block: '%.64s'",
			      field->key, text);
	return 0;
}

const struct record_type record_cidr = {cidr_encode, cidr_decode};

static int hexadecimal_encode(const struct record_field *field, const void *owner,
			      json_t **ret_json)
{
	const uint64_t *number = record_get_member(field, owner);
	char text[17];

	(void)snprintf(text, sizeof(text), "%016" PRIx64, *number);
	return text_encode(text, ret_json);
}

static int hexadecimal_decode(const struct record_field *field, json_t *json, void *owner,
			      struct refusal *why)
{
	uint64_t *number = record_member(field, owner);
	const char *text = text_decode(field, json, "hexadecimal", why);

	if (!text)
		return REFUSED;
	if (strlen(text) != 16 || strspn(text, "0123456789abcdef") != 16)
		return refuse(why, REFUSE_PARAMETER_VALUE, "'%s' is not 16 hexadecimal digits",
			      field->key);
	*number = strtoull(text, NULL, 16);
	return 0;
}

const struct record_type record_hexadecimal = {hexadecimal_encode, hexadecimal_decode};

static int object_encode(const struct record_field *field, const void *owner, json_t **ret_json)
{
	const void *member = record_get_member(field, owner);
	json_auto_t *object = json_object();

	if (!object)
		return -ENOMEM;
	for (size_t i = 0; i < field->field_count; i++) {
		const struct record_field *inner = &field->fields[i];
		json_t *value = NULL;
		int r = is_left_out(inner, member) ? 0 : inner->type->encode(inner, member, &value);

		if (r < 0)
			return r;
		if (inner->sparse && json_is_object(value) && json_object_size(value) == 0) {
			json_decref(value);
			continue;
		}
		if (value && json_object_set_new(object, inner->key, value) < 0)
			return -ENOMEM;
	}
	*ret_json = TAKE_PTR(object);
	return 0;
}

static int object_decode(const struct record_field *field, json_t *json, void *owner,
			 struct refusal *why)
{
	void *member = record_member(field, owner);

	if (!json_is_object(json))
		return refuse(why, REFUSE_PARAMETER_VALUE, "'%s' is not an object", field->key);
	for (size_t i = 0; i < field->field_count; i++) {
		const struct record_field *inner = &field->fields[i];
		json_t *value = json_object_get(json, inner->key);
		int r;

		if (!value && (inner->optional || inner->sparse))
			continue;
		if (!value)
			return refuse(why, REFUSE_PARAMETER_VALUE, "'%s' is missing", inner->key);
		r = inner->type->decode(inner, value, member, why);
		if (r != 0)
			return r;
	}
	return 0;
}

const struct record_type record_object = {object_encode, object_decode};

static int list_encode(const struct record_field *field, const void *owner, json_t **ret_json)
{
	const char *items = record_get_member(field, owner);
	json_auto_t *list = json_array();
	size_t count;

	if (!list)
		return -ENOMEM;
	memcpy(&count, (const char *)owner + field->count_offset, sizeof(count));
	if (field->sparse && count == 0)
		return 0;
	if (field->capacity_offset != 0)
		memcpy(&items, record_get_member(field, owner), sizeof(items));
	for (size_t i = 0; i < count; i++) {
		json_t *value = NULL;
		int r = field->item->type->encode(field->item, items + i * field->item_size,
						  &value);

		if (r < 0)
			return r;
		if (value && json_array_append_new(list, value) < 0)
			return -ENOMEM;
	}
	*ret_json = TAKE_PTR(list);
	return 0;
}

static int list_decode(const struct record_field *field, json_t *json, void *owner,
		       struct refusal *why)
{
	size_t index;
	json_t *value;

	if (!json_is_array(json) || json_array_size(json) > (size_t)field->maximum)
		return refuse(why, REFUSE_PARAMETER_VALUE, "'%s' is not a list of at most %lld",
			      field->key, field->maximum);
	json_array_foreach (json, index, value) {
		void *item;
		int r = list_add(field, owner, &item);

		if (r < 0)
			return r;
		r = field->item->type->decode(field->item, value, item, why);
		if (r == REFUSED)
			return refuse_at(why, field->key, index);
		if (r < 0)
			return r;
	}
	return 0;
}

const struct record_type record_list = {list_encode, list_decode};

/* An object is judged by its members, for between them there may be padding. */
static bool is_left_out(const struct record_field *field, const void *owner)
{
	const uint8_t *bytes = record_get_member(field, owner);

	if (!field->sparse || field->type == &record_object)
		return false;
	for (size_t i = 0; i < field->size; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

/* Counts one zeroed element more, so that the owner releases it even if decoding it fails half-way. */
static int list_add(const struct record_field *field, void *owner, void **ret_item)
{
	size_t *count = (void *)((char *)owner + field->count_offset);
	char *items = record_member(field, owner);

	if (field->capacity_offset != 0) {
		size_t *capacity = (void *)((char *)owner + field->capacity_offset);
		void *grown;
		int r;

		/* By copy, because the member is a pointer to some other type than void. */
		memcpy(&grown, record_member(field, owner), sizeof(grown));
		r = array_reserve(&grown, *count, capacity, field->item_size);
		if (r < 0)
			return r;
		memcpy(record_member(field, owner), &grown, sizeof(grown));
		items = grown;
	}
	*ret_item = memset(items + (*count)++ * field->item_size, 0, field->item_size);
	return 0;
}

/* Puts the place before the reason: "sessions[3]: 'vni' is missing". */
static int refuse_at(struct refusal *why, const char *key, size_t index)
{
	struct refusal inner;

	if (!why)
		return REFUSED;
	inner = *why;
	return refuse(why, inner.code, "%s[%zu]: %s", key, index, inner.text);
}

/* Text that a reader would not take must not leave: json_string() would fail on some of it without saying why. */
static int text_encode(const char *text, json_t **ret_json)
{
	if (!text_is_presentable(text, SIZE_MAX))
		return -EILSEQ;
	*ret_json = json_string(text);
	return *ret_json ? 0 : -ENOMEM;
}

/* The string, or NULL after having refused. */
static const char *text_decode(const struct record_field *field, json_t *json, const char *expected,
			       struct refusal *why)
{
	if (!json_is_string(json))
		(void)refuse(why, REFUSE_PARAMETER_VALUE, "'%s' is not %s", field->key, expected);
	return json_string_value(json);
}

static long long number_load(const struct record_field *field, const void *owner)
{
	const void *member = record_get_member(field, owner);

	switch (field->size) {
	case 1:
		return *(const uint8_t *)member;
	case 2:
		return field->minimum < 0 ? *(const int16_t *)member : *(const uint16_t *)member;
	case 4:
		return *(const uint32_t *)member;
	default:
		return (long long)MIN(*(const uint64_t *)member, (uint64_t)LLONG_MAX);
	}
}

static void number_store(const struct record_field *field, void *owner, long long value)
{
	void *member = record_member(field, owner);

	switch (field->size) {
	case 1:
		*(uint8_t *)member = (uint8_t)value;
		return;
	case 2:
		*(uint16_t *)member = (uint16_t)value;
		return;
	case 4:
		*(uint32_t *)member = (uint32_t)value;
		return;
	default:
		*(uint64_t *)member = (uint64_t)value;
	}
}
