// SPDX-License-Identifier: Apache-2.0
#include "api/parameter.h"

#include "api/form.h"
#include "base/count.h"
#include "base/text.h"
#include "mirror/refusals.h"
#include "mirror/tag.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_of_protocol(const char *name);
static const struct parameter *find_row(const struct parameter *rows, size_t row_count,
					const char *name,
					unsigned int ret_index[PARAMETER_INDEXES_MAX]);
static bool is_empty_list(const struct parameter *rows, size_t row_count,
			  const struct form_field *field);
static bool name_matches(const char *pattern, const char *name,
			 unsigned int ret_index[PARAMETER_INDEXES_MAX]);
static int convert(const struct parameter *row, const char *name, struct argument *argument,
		   struct refusal *why);
static int convert_text(const struct parameter *row, const char *name, struct argument *argument,
			struct refusal *why);
static int convert_number(const struct parameter *row, const char *name, struct argument *argument,
			  struct refusal *why);
static int convert_boolean(const char *name, struct argument *argument, struct refusal *why);
static int argument_compare(const void *a, const void *b);
static int check_twice(const struct arguments *arguments, struct refusal *why);
static int refuse_twice(const struct argument *argument, struct refusal *why);
static int check_lengths(const struct arguments *arguments, struct refusal *why);
static int check_required(const struct parameter *rows, size_t row_count,
			  const struct arguments *arguments, struct refusal *why);
static bool words_have(const char *words, const char *word);
static const struct argument *find(const struct arguments *arguments, const char *name);

void arguments_fini(struct arguments *arguments)
{
	free(arguments->items);
	free(arguments->values);
	*arguments = (struct arguments){};
}

int arguments_bind(const struct parameter *rows, size_t row_count, const struct form *form,
		   struct arguments *ret_arguments, struct refusal *why)
{
	_cleanup_arguments_ struct arguments arguments = {};
	int r;

	arguments.items = calloc(form->count + 1, sizeof(*arguments.items));
	arguments.values = calloc(form->count + 1, sizeof(*arguments.values));
	if (!arguments.items || !arguments.values)
		return -ENOMEM;
	for (size_t i = 0; i < form->count; i++) {
		const struct form_field *field = &form->items[i];
		struct argument argument = {.value = field->value};

		if (is_of_protocol(field->name) || is_empty_list(rows, row_count, field))
			continue;
		argument.parameter = find_row(rows, row_count, field->name, argument.index);
		if (!argument.parameter)
			return refuse(why, REFUSE_PARAMETER_UNKNOWN,
				      "The parameter %.200s is not recognized", field->name);
		r = convert(argument.parameter, field->name, &argument, why);
		if (r != 0)
			return r;
		arguments.items[arguments.count++] = argument;
	}
	qsort(arguments.items, arguments.count, sizeof(*arguments.items), argument_compare);
	for (size_t i = 0; i < arguments.count; i++)
		arguments.values[i] = arguments.items[i].value;
	r = check_twice(&arguments, why);
	if (r != 0)
		return r;
	r = check_lengths(&arguments, why);
	if (r != 0)
		return r;
	r = check_required(rows, row_count, &arguments, why);
	if (r != 0)
		return r;
	*ret_arguments = arguments;
	arguments = (struct arguments){};
	return 0;
}

const char *arguments_get_text(const struct arguments *arguments, const char *name)
{
	const struct argument *argument = find(arguments, name);

	return argument ? argument->value : NULL;
}

bool arguments_get_number(const struct arguments *arguments, const char *name, int64_t *ret_number)
{
	const struct argument *argument = find(arguments, name);

	if (!argument)
		return false;
	*ret_number = argument->number;
	return true;
}

bool arguments_get_boolean(const struct arguments *arguments, const char *name)
{
	const struct argument *argument = find(arguments, name);

	return argument && argument->number != 0;
}

const struct argument *arguments_get_list(const struct arguments *arguments, const char *name,
					  size_t *ret_count)
{
	const struct argument *first = find(arguments, name);
	size_t count = 0;

	while (first && first + count < arguments->items + arguments->count &&
	       first[count].parameter == first->parameter)
		count++;
	*ret_count = count;
	return first;
}

const char *const *arguments_get_texts(const struct arguments *arguments, const char *name,
				       size_t *ret_count)
{
	const struct argument *first = arguments_get_list(arguments, name, ret_count);

	return first ? arguments->values + (first - arguments->items) : NULL;
}

void arguments_append_canonical(struct text *text, const struct arguments *arguments)
{
	for (size_t i = 0; i < arguments->count; i++) {
		const struct argument *argument = &arguments->items[i];
		const char *name = argument->parameter->name;

		if (strcmp(name, "ClientToken") == 0 || strcmp(name, "DryRun") == 0 ||
		    strcmp(name, "Extension.Show") == 0)
			continue;
		/* A length before each value keeps one from passing for the next parameter. */
		text_printf(text, "%s %u %u %zu:%s\n", name, argument->index[0], argument->index[1],
			    strlen(argument->value), argument->value);
	}
}

static bool is_of_protocol(const char *name)
{
	static const char *const names[] = {"Action",          "Version",   "AWSAccessKeyId",
					    "Signature",       "Timestamp", "SignatureVersion",
					    "SignatureMethod", "Expires",   "SecurityToken"};

	if (strncasecmp(name, "X-Amz-", strlen("X-Amz-")) == 0)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static const struct parameter *find_row(const struct parameter *rows, size_t row_count,
					const char *name,
					unsigned int ret_index[PARAMETER_INDEXES_MAX])
{
	for (size_t i = 0; i < row_count; i++)
		if (name_matches(rows[i].name, name, ret_index))
			return &rows[i];
	return NULL;
}

/* Some clients send "Filter=" for a list without elements. */
static bool is_empty_list(const struct parameter *rows, size_t row_count,
			  const struct form_field *field)
{
	size_t length = strlen(field->name);

	if (field->value[0] != '\0')
		return false;
	for (size_t i = 0; i < row_count; i++)
		if (strncmp(rows[i].name, field->name, length) == 0 &&
		    (strncmp(rows[i].name + length, ".N", 2) == 0 ||
		     strncmp(rows[i].name + length, ".member.N", 9) == 0))
			return true;
	return false;
}

/* Segments are equal, or the pattern's is "N" and the name's an index. */
static bool name_matches(const char *pattern, const char *name,
			 unsigned int ret_index[PARAMETER_INDEXES_MAX])
{
	unsigned int index[PARAMETER_INDEXES_MAX] = {}, depth = 0;

	for (;;) {
		size_t pattern_length = strcspn(pattern, "."), length = strcspn(name, ".");

		if (pattern_length == 1 && *pattern == 'N') {
			unsigned int value = 0;

			if (length == 0 || *name == '0' || depth == PARAMETER_INDEXES_MAX)
				return false;
			for (size_t i = 0; i < length; i++) {
				if (name[i] < '0' || name[i] > '9')
					return false;
				value = value * 10 + (unsigned int)(name[i] - '0');
				if (value > PARAMETER_INDEX_MAX)
					return false;
			}
			index[depth++] = value;
		} else if (pattern_length != length || memcmp(pattern, name, length) != 0) {
			return false;
		}
		pattern += pattern_length;
		name += length;
		if (*pattern == '\0' || *name == '\0')
			break;
		pattern++;
		name++;
	}
	if (*pattern != '\0' || *name != '\0')
		return false;
	memcpy(ret_index, index, sizeof(index));
	return true;
}

static int convert(const struct parameter *row, const char *name, struct argument *argument,
		   struct refusal *why)
{
	switch (row->type) {
	case PARAMETER_TEXT:
	case PARAMETER_DOCUMENT:
		return convert_text(row, name, argument, why);
	case PARAMETER_NUMBER:
		return convert_number(row, name, argument, why);
	case PARAMETER_BOOLEAN:
		return convert_boolean(name, argument, why);
	}
	return -EINVAL;
}

/* Length in characters, as people count. */
static size_t text_length(const char *text)
{
	size_t length = 0;

	for (; *text != '\0'; text++)
		length += ((unsigned char)*text & 0xc0) != 0x80;
	return length;
}

/* Of a document, each line is looked at by itself. */
static bool text_is_readable(enum parameter_type type, const char *text, size_t maximum)
{
	while (type == PARAMETER_DOCUMENT) {
		_cleanup_free_ char *line = NULL;
		size_t length = strcspn(text, "\r\n\t");

		if (text[length] == '\0')
			break;
		line = strndup(text, length);
		if (!line || !text_is_presentable(line, maximum))
			return false;
		text += length + 1;
	}
	return text_is_presentable(text, maximum);
}

static int convert_text(const struct parameter *row, const char *name, struct argument *argument,
			struct refusal *why)
{
	size_t maximum = row->maximum > 0 ? (size_t)row->maximum : TEXT_LENGTH_MAX;
	size_t length = text_length(argument->value);

	if (length > maximum)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "Value (%.64s...) for parameter %.100s is invalid. It has %zu "
			      "characters, and may have %zu",
			      argument->value, name, length, maximum);
	if (!text_is_readable(row->type, argument->value, maximum))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The value for parameter %.100s is invalid. It contains control "
			      "characters or is not UTF-8",
			      name);
	if (length < (size_t)row->minimum)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "Value (%s) for parameter %.100s is invalid. It is too short",
			      argument->value, name);
	if (row->words && !words_have(row->words, argument->value))
		return refuse(
			why, REFUSE_PARAMETER_VALUE,
			"Value (%.100s) for parameter %.100s is invalid. Expecting one of: %s",
			argument->value, name, row->words);
	return 0;
}

static int convert_number(const struct parameter *row, const char *name, struct argument *argument,
			  struct refusal *why)
{
	bool bounded = row->minimum != 0 || row->maximum != 0;
	int64_t minimum = bounded ? row->minimum : INT32_MIN;
	int64_t maximum = bounded ? row->maximum : INT32_MAX;
	bool negative = argument->value[0] == '-';
	unsigned long long magnitude;

	if (!string_to_unsigned(argument->value + negative, INT64_MAX, &magnitude))
		return refuse(
			why, REFUSE_PARAMETER_VALUE,
			"Value (%.100s) for parameter %.100s is invalid. Expecting an integer",
			argument->value, name);
	argument->number = negative ? -(int64_t)magnitude : (int64_t)magnitude;
	if (argument->number < minimum || argument->number > maximum)
		return refuse(
			why, REFUSE_PARAMETER_VALUE,
			"Value (%.100s) for parameter %.100s is invalid. Expecting an integer "
			"from %" PRId64 " to %" PRId64,
			argument->value, name, minimum, maximum);
	return 0;
}

static int convert_boolean(const char *name, struct argument *argument, struct refusal *why)
{
	const char *value = argument->value;

	if (strcasecmp(value, "true") == 0 || strcmp(value, "1") == 0)
		argument->number = 1;
	else if (strcasecmp(value, "false") == 0 || strcmp(value, "0") == 0)
		argument->number = 0;
	else
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "Value (%.100s) for parameter %.100s is invalid. Expecting true or "
			      "false",
			      value, name);
	return 0;
}

static int argument_compare(const void *a, const void *b)
{
	const struct argument *left = a, *right = b;

	if (left->parameter != right->parameter)
		return left->parameter < right->parameter ? -1 : 1;
	for (size_t i = 0; i < PARAMETER_INDEXES_MAX; i++)
		if (left->index[i] != right->index[i])
			return left->index[i] < right->index[i] ? -1 : 1;
	return 0;
}

/* Two values for one parameter: whichever were taken, somebody would be surprised. */
static int check_twice(const struct arguments *arguments, struct refusal *why)
{
	for (size_t i = 1; i < arguments->count; i++)
		if (argument_compare(&arguments->items[i - 1], &arguments->items[i]) == 0)
			return refuse_twice(&arguments->items[i], why);
	return 0;
}

static int refuse_twice(const struct argument *argument, struct refusal *why)
{
	_cleanup_text_ struct text name = {};
	size_t depth = 0;

	for (const char *rest = argument->parameter->name; *rest != '\0';) {
		size_t length = strcspn(rest, ".");

		if (length == 1 && *rest == 'N')
			text_printf(&name, "%u", argument->index[depth++]);
		else
			text_append_bytes(&name, rest, length);
		rest += length;
		if (*rest == '.')
			text_append_char(&name, *rest++);
	}
	if (name.failed)
		return -ENOMEM;
	return refuse(why, REFUSE_PARAMETER_COMBINATION, "The parameter %s is given more than once",
		      name.data);
}

/* Before anybody walks through them: each element may take a look into the store, and others wait meanwhile. */
static int check_lengths(const struct arguments *arguments, struct refusal *why)
{
	size_t length = 0;

	for (size_t i = 0; i < arguments->count; i++) {
		const struct parameter *row = arguments->items[i].parameter;
		const size_t maximum = row->elements > 0 ? row->elements : LIST_ELEMENTS_MAX;

		length = i > 0 && row == arguments->items[i - 1].parameter ? length + 1 : 1;
		if (length > maximum)
			return refuse(why, REFUSE_PARAMETER_VALUE,
				      "The list %.100s has more than the possible %zu elements",
				      row->name, maximum);
	}
	return 0;
}

static int check_required(const struct parameter *rows, size_t row_count,
			  const struct arguments *arguments, struct refusal *why)
{
	for (size_t i = 0; i < row_count; i++) {
		size_t length = strlen(rows[i].name);

		if (!rows[i].required || find(arguments, rows[i].name))
			continue;
		if (length > 2 && strcmp(rows[i].name + length - 2, ".N") == 0)
			length -= 2;
		if (length > 7 && strncmp(rows[i].name + length - 7, ".member", 7) == 0)
			length -= 7;
		return refuse(why, REFUSE_PARAMETER_MISSING,
			      "The request must contain the parameter %.*s", (int)length,
			      rows[i].name);
	}
	return 0;
}

static bool words_have(const char *words, const char *word)
{
	size_t length = strlen(word);

	while (*words != '\0') {
		size_t this = strcspn(words, "|");

		if (this == length && memcmp(words, word, length) == 0)
			return true;
		words += this;
		words += *words == '|';
	}
	return false;
}

static const struct argument *find(const struct arguments *arguments, const char *name)
{
	for (size_t i = 0; i < arguments->count; i++)
		if (strcmp(arguments->items[i].parameter->name, name) == 0)
			return &arguments->items[i];
	return NULL;
}
