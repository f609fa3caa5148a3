/* Records: C structs as JSON objects, by tables that serve both directions.
 *
 * A row of a table says under which key a member travels, of what type it is, and what it may hold; so what can be
 * written can be read, and nothing is read that was not checked.  plan_json.c and report_json.c hold the tables.
 *
 * Decoding expects a zeroed record and may leave it half filled on failure: the owner finishes it in every case. */
#pragma once

#include "base/count.h"
#include "mirror/id.h"

#include <jansson.h>
#include <stddef.h>

struct refusal;
struct record_field;

/* How one sort of member travels.  'owner' is the struct that holds it, at 'field->offset'. */
struct record_type {
	/* Leaves '*ret_json' NULL to leave the key out.  Returns 0, -EILSEQ for bad text, or -ENOMEM. */
	int (*encode)(const struct record_field *field, const void *owner, json_t **ret_json);
	/* Returns 0, REFUSED, or -ENOMEM. */
	int (*decode)(const struct record_field *field, json_t *json, void *owner,
		      struct refusal *why);
};

struct record_field {
	const char *key;
	const struct record_type *type;
	size_t offset, size;
	bool optional; /* May be missing; the member then stays zero. */
	bool sparse; /* Besides, it is left out while zero; of an object, while it has no members; of a list, while empty. */
	long long minimum, maximum; /* Of a number; of names and lists, only the maximum. */
	enum resource_kind kind;    /* Of an id. */
	const char *(*name)(unsigned int value); /* Of a name, for values from 0 to the maximum. */

	/* Of an object. */
	const struct record_field *fields;
	size_t field_count;

	/* Of a list: its element as a field at offset 0, and where the owner counts elements. */
	const struct record_field *item;
	size_t item_size, count_offset;
	size_t capacity_offset; /* 0: the elements lie in the owner, as an array of 'maximum'. */
};

extern const struct record_type
	record_number,      /* uint8_t to uint64_t; int16_t if the minimum is negative. */
	record_flag,        /* bool */
	record_text,        /* char[], presentable. */
	record_name,        /* enum, by its names. */
	record_id,          /* struct resource_id */
	record_address,     /* struct address; left out if none. */
	record_cidr,        /* struct cidr */
	record_hexadecimal, /* uint64_t beyond what a JSON number holds. */
	record_object,      /* A struct with a table of its own. */
	record_list;        /* Elements of one type. */

#define FIELD(owner, member, member_type, ...)                                                    \
	{                                                                                         \
		.key = #member, .type = &(member_type), .offset = offsetof(struct owner, member), \
		.size = sizeof(((struct owner *)0)->member), ##__VA_ARGS__                        \
	}

/* A list in 'member' that is counted by 'noun'_count and grows by 'noun'_capacity. */
#define FIELD_LIST(owner, member, noun, item_field, count_max, ...)                      \
	FIELD(owner, member, record_list, .item = &(item_field), .maximum = (count_max), \
	      .item_size = sizeof(*((struct owner *)0)->member),                         \
	      .count_offset = offsetof(struct owner, noun##_count),                      \
	      .capacity_offset = offsetof(struct owner, noun##_capacity), ##__VA_ARGS__)

#define OBJECT(table)                                                                       \
	{                                                                                   \
		.type = &record_object, .fields = (table), .field_count = ARRAY_SIZE(table) \
	}

/* Where the field's member is. */
static inline void *record_member(const struct record_field *field, void *owner)
{
	return (char *)owner + field->offset;
}
static inline const void *record_get_member(const struct record_field *field, const void *owner)
{
	return (const char *)owner + field->offset;
}

/* For 'record_name': the names of enum orientation. */
const char *record_orientation_name(unsigned int value);

/* A whole document.  'what' names it in refusals, as in "plan". */
int record_write(const struct record_field *object, const void *record, char **ret_json);
int record_read(const struct record_field *object, const char *what, const char *json, size_t size,
		size_t size_max, void *record, struct refusal *why);
