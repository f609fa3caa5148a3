// SPDX-License-Identifier: Apache-2.0
/* Our own XML read back: elements with text or with elements, nothing between them, attributes only at the root. */
#include "api/action.h"
#include "api/json.h"
#include "api/record_part.h"
#include "api/resource.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NAME_SIZE 64

struct reading {
	struct text *json, *resources;
	const struct action *action;
	bool small;     /* Names begin with small letters. */
	bool made;      /* What was made has its line. */
	const char *at; /* What comes next. */
};

static const char *find_inside(const char *xml, const char *name);
static void read_elements(struct reading *reading);
static bool read_begin(struct reading *reading, char ret_name[NAME_SIZE]);
static void read_end(struct reading *reading);
static void read_element(struct reading *reading, const char *name, const char *shown);
static void read_text(struct reading *reading, const char *name, const char *shown);
static void unescape(struct text *text, const char *escaped, size_t length);
static const struct parameter *find_parameter(const struct action *action, const char *name);
static bool is_secret(const char *name);
static bool is_item(const char *name);

void record_append_answer(struct text *json, struct text *resources, const char *xml,
			  const struct action *action, const struct service *service)
{
	struct reading reading = {json, resources, action, service->wraps_result};
	char name[NAME_SIZE];

	(void)snprintf(name, sizeof(name), "%s%s", action->name,
		       service->wraps_result ? "Result" : "Response");
	reading.at = find_inside(xml, name);
	if (!reading.at || strncmp(reading.at, "</", 2) == 0)
		return;
	json_open(json, NULL, '{');
	if (!service->wraps_result) {
		json_open(json, name, '{');
		json_text(json, "xmlns", service->namespace);
	}
	read_elements(&reading);
	if (!service->wraps_result)
		json_close(json, '}');
	json_close(json, '}');
}

/* What follows the tag of that name, whatever attributes it has; NULL: there is none, or it is empty. */
static const char *find_inside(const char *xml, const char *name)
{
	char tag[NAME_SIZE + 1];
	const char *end;

	(void)snprintf(tag, sizeof(tag), "<%s", name);
	xml = strstr(xml, tag);
	end = xml ? strchr(xml, '>') : NULL;
	return end && end[-1] != '/' ? end + 1 : NULL;
}

/* Up to the end of what they are in.  Items of a set are one member, an array. */
static void read_elements(struct reading *reading)
{
	bool listing = false;
	char name[NAME_SIZE];

	while (read_begin(reading, name)) {
		const bool item = is_item(name);

		if (item && !listing)
			json_open(reading->json, name, '[');
		listing = item;
		read_element(reading, name, item ? NULL : name);
	}
	if (listing)
		json_close(reading->json, ']');
}

/* False: what they are in ends here. */
static bool read_begin(struct reading *reading, char ret_name[NAME_SIZE])
{
	size_t length;

	if (reading->at[0] != '<' || reading->at[1] == '/')
		return false;
	length = strcspn(reading->at + 1, "/>");
	(void)snprintf(ret_name, NAME_SIZE, "%.*s", (int)length, reading->at + 1);
	reading->at += 1 + length;
	return true;
}

static void read_end(struct reading *reading)
{
	reading->at += strcspn(reading->at, ">");
	reading->at += *reading->at == '>';
}

/* EC2 has empty sets as empty texts here. */
static void read_element(struct reading *reading, const char *name, const char *shown)
{
	char small[NAME_SIZE];

	if (shown && reading->small) {
		(void)snprintf(small, sizeof(small), "%s", shown);
		small[0] = (char)tolower((unsigned char)small[0]);
		shown = small;
	}
	if (*reading->at == '/') {
		json_text(reading->json, shown, "");
		read_end(reading);
		return;
	}
	read_end(reading);
	if (reading->at[0] == '<' && reading->at[1] != '/') {
		json_open(reading->json, shown, '{');
		read_elements(reading);
		json_close(reading->json, '}');
	} else {
		read_text(reading, name, shown);
	}
	read_end(reading);
}

/* Of which type a text is, the parameter of the same name says. */
static void read_text(struct reading *reading, const char *name, const char *shown)
{
	const struct parameter *parameter = find_parameter(reading->action, name);
	const struct resource_type *made = reading->action->creates;
	const size_t length = strcspn(reading->at, "<");
	_cleanup_text_ struct text value = {};

	unescape(&value, reading->at, length);
	reading->at += length;
	if (value.failed) {
		reading->json->failed = true;
		return;
	}
	if (is_secret(name))
		return;
	if (made && !reading->made && made->kind != RESOURCE_NONE &&
	    resource_id_kind(value.data) == made->kind) {
		record_append_resource(reading->resources, made->kind, NULL, value.data);
		reading->made = true;
	}
	if (parameter && parameter->type == PARAMETER_NUMBER)
		json_number(reading->json, shown, strtoll(value.data, NULL, 10));
	else if ((parameter && parameter->type == PARAMETER_BOOLEAN) || !strcmp(name, "return"))
		json_boolean(reading->json, shown, strcmp(value.data, "true") == 0);
	else
		json_text(reading->json, shown, value.data);
}

/* What xml_escape() writes. */
static void unescape(struct text *text, const char *escaped, size_t length)
{
	static const struct {
		const char *entity;
		char character;
	} entities[] = {
		{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#13;", '\r'}};

	text_append(text, "");
	for (size_t i = 0, size; i < length; i += size) {
		size = 1;
		for (size_t j = 0; escaped[i] == '&' && j < ARRAY_SIZE(entities); j++)
			if (strncmp(&escaped[i], entities[j].entity, strlen(entities[j].entity)) ==
			    0) {
				text_append_char(text, entities[j].character);
				size = strlen(entities[j].entity);
			}
		if (size == 1)
			text_append_char(text, escaped[i]);
	}
}

static const struct parameter *find_parameter(const struct action *action, const char *name)
{
	for (size_t i = 0; i < action->parameter_count; i++) {
		const char *dot = strrchr(action->parameters[i].name, '.');

		if (strcasecmp(dot ? dot + 1 : action->parameters[i].name, name) == 0)
			return &action->parameters[i];
	}
	return NULL;
}

static bool is_secret(const char *name)
{
	return strcasecmp(name, "SecretAccessKey") == 0 || strcasecmp(name, "SessionToken") == 0 ||
	       strcasecmp(name, "SignInUrl") == 0 || strcasecmp(name, "enrolmentCode") == 0;
}

static bool is_item(const char *name)
{
	return strcmp(name, "item") == 0 || strcmp(name, "member") == 0;
}
