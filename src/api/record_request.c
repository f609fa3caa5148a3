// SPDX-License-Identifier: Apache-2.0
#include "api/action.h"
#include "api/record_part.h"
#include "api/resource.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* Of what somebody calls a resource, and of all of them: he may call anything so, and as often as he likes. */
#define RESOURCE_NAME_MAX    128
#define RESOURCES_LENGTH_MAX (16 << 10)

/* What CloudTrail says in such a place. */
#define HIDDEN "HIDDEN_DUE_TO_SECURITY_REASONS"

#define NAME_SIZE     64
#define ARGUMENTS_MAX 1000 /* Finding each element's place takes the longer the more there are. */

static int add_argument(json_t *object, const struct argument *argument, bool small);
static const char *take_name(const char *path, bool small, char ret_name[NAME_SIZE]);
static json_t *get_member(json_t *object, const char *name, json_t *(*make)(void));
static json_t *get_element(json_t *object, const char *name, unsigned int tag);
static json_t *make_value(const struct argument *argument);
static json_t *make_text(const char *value);
static void append_type(struct text *resources, const struct resource_type *type,
			const char *value);

int record_append_request(struct text *json, const struct action *action,
			  const struct service *service, const struct arguments *arguments)
{
	const size_t count = MIN(arguments->count, (size_t)ARGUMENTS_MAX);
	const bool small = service->wraps_result;
	json_t *object = json_object();
	char *dump = NULL;
	int r = object ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < count; i++)
		r = add_argument(object, &arguments->items[i], small);
	if (r == 0 && count < arguments->count)
		r = json_object_set_new(object, "omitted",
					json_integer((json_int_t)(arguments->count - count)));
	if (r == 0)
		dump = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	if (!dump)
		return -ENOMEM;
	if (small)
		text_append(json, dump);
	else
		text_printf(json, "{\"%sRequest\":%s}", action->name, dump);
	free(dump);
	return 0;
}

void record_append_resources(struct text *resources, const struct arguments *arguments)
{
	const size_t count = MIN(arguments->count, (size_t)ARGUMENTS_MAX);

	for (size_t i = 0; i < count; i++) {
		const struct argument *argument = &arguments->items[i];

		if (argument->parameter->names)
			append_type(resources, argument->parameter->names, argument->value);
	}
}

/* The kind's name in AWS's spelling: "traffic-mirror-target" is AWS::EC2::TrafficMirrorTarget. */
void record_append_resource(struct text *resources, enum resource_kind kind, const char *noun,
			    const char *name)
{
	const char *word = noun ? noun : resource_kind_name(kind);

	if ((!noun && kind == RESOURCE_NONE) || strlen(name) > RESOURCE_NAME_MAX ||
	    resources->length > RESOURCES_LENGTH_MAX)
		return;
	text_printf(resources, "AWS::%s::", noun ? "IAM" : "EC2");
	for (bool first = true; *word != '\0'; first = *word == '-', word++)
		if (*word != '-')
			text_append_char(resources,
					 (char)(first ? toupper((unsigned char)*word) : *word));
	text_append_char(resources, ' ');
	for (; *name != '\0'; name++)
		text_append_char(resources, *name == '\n' ? ' ' : *name);
	text_append_char(resources, '\n');
}

/* "Filter.N.Value.N" with 2 and 1 is {"Filter":[{"tag":2,"Value":[{"tag":1,"content":"…"}]}]}. */
static int add_argument(json_t *object, const struct argument *argument, bool small)
{
	const char *path = argument->parameter->name;
	char name[NAME_SIZE];
	size_t level = 0;

	while (object && *path != '\0') {
		path = take_name(path, small, name);
		if (*path == '\0')
			return json_object_set_new(object, name, make_value(argument)) == 0
				       ? 0
				       : -ENOMEM;
		if (strcmp(path, "N") == 0 || strncmp(path, "N.", 2) == 0) {
			object = get_element(object, name, argument->index[level++]);
			path += path[1] == '.' ? 2 : 1;
		} else {
			object = get_member(object, name, json_object);
		}
	}
	return object && json_object_set_new(object, "content", make_value(argument)) == 0
		       ? 0
		       : -ENOMEM;
}

/* Returns what follows the name and its dot; "member" before a number is no name of its own. */
static const char *take_name(const char *path, bool small, char ret_name[NAME_SIZE])
{
	size_t length = strcspn(path, ".");

	(void)snprintf(ret_name, NAME_SIZE, "%.*s", (int)length, path);
	if (small)
		ret_name[0] = (char)tolower((unsigned char)ret_name[0]);
	path += length + (path[length] == '.');
	return strncmp(path, "member.N", strlen("member.N")) == 0 ? path + strlen("member.") : path;
}

/* NULL: there is no memory. */
static json_t *get_member(json_t *object, const char *name, json_t *(*make)(void))
{
	json_t *member = json_object_get(object, name);

	if (!member && json_object_set_new(object, name, make()) == 0)
		member = json_object_get(object, name);
	return member;
}

/* Indexes mostly count up without gaps, so that an element is where its number says. */
static json_t *get_element(json_t *object, const char *name, unsigned int tag)
{
	json_t *array = get_member(object, name, json_array), *element;
	size_t place;

	if (!array)
		return NULL;
	element = json_array_get(array, tag - 1);
	if (element && json_integer_value(json_object_get(element, "tag")) == tag)
		return element;
	json_array_foreach (array, place, element)
		if (json_integer_value(json_object_get(element, "tag")) == tag)
			return element;
	element = json_object();
	if (json_array_append_new(array, element) < 0 ||
	    json_object_set_new(element, "tag", json_integer(tag)) < 0)
		return NULL;
	return element;
}

static json_t *make_value(const struct argument *argument)
{
	if (argument->parameter->secret)
		return json_string(HIDDEN);
	switch (argument->parameter->type) {
	case PARAMETER_NUMBER:
		return json_integer(argument->number);
	case PARAMETER_BOOLEAN:
		return json_boolean(argument->number != 0);
	case PARAMETER_TEXT:
	case PARAMETER_DOCUMENT:
		break;
	}
	return make_text(argument->value);
}

/* What is not UTF-8 becomes U+FFFD, byte by byte. */
static json_t *make_text(const char *value)
{
	_cleanup_text_ struct text mended = {};
	json_t *text = json_string(value);

	if (text)
		return text;
	text_append(&mended, "");
	while (*value != '\0') {
		size_t size = text_character_size(value);

		if (size > 0)
			text_append_bytes(&mended, value, size);
		else
			text_append(&mended, "\xef\xbf\xbd");
		value += size > 0 ? size : 1;
	}
	return mended.failed ? NULL : json_string(mended.data);
}

static void append_type(struct text *resources, const struct resource_type *type, const char *value)
{
	const enum resource_kind kind =
		type->kind == RESOURCE_NONE && !type->noun ? resource_id_kind(value) : type->kind;

	record_append_resource(resources, kind, type->noun, value);
}
