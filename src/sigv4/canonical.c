// SPDX-License-Identifier: Apache-2.0
/* The canonical request.  Clients and servers meet requests in different spellings (order of query parameters,
 * case of escapes, blanks in headers); this is the one spelling both hash. */
#include "base/count.h"
#include "sigv4/hash.h"
#include "sigv4/sigv4.h"
#include "sigv4/uri.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define QUERY_PARAMETERS_MAX 8192

/* A query parameter in canonical spelling, "name=value", and the length of its name. */
struct parameter {
	size_t start, name_length, length;
};

static void append_path(struct text *text, const char *path);
static bool append_query(struct text *text, const char *query, bool presigned);
static void sort_parameters(struct text *text, const char *spelled, struct parameter *parameters,
			    size_t count);
static bool append_headers(struct text *text, const struct sigv4_request *request,
			   const char *signed_headers);
static bool append_header(struct text *text, const struct sigv4_request *request, const char *name,
			  size_t length);
static void append_trimmed(struct text *text, const char *value);

bool sigv4_append_canonical_request(struct text *text, const struct sigv4_request *request,
				    const struct sigv4_authorization *authorization)
{
	const char *payload = sigv4_get_header(request, "x-amz-content-sha256");
	char hash[HASH_TEXT_SIZE];

	text_append(text, request->method);
	text_append_char(text, '\n');
	append_path(text, request->path);
	text_append_char(text, '\n');
	if (!append_query(text, request->query, authorization->presigned))
		return false;
	text_append_char(text, '\n');
	if (!append_headers(text, request, authorization->signed_headers))
		return false;
	text_append_char(text, '\n');
	text_append(text, authorization->signed_headers);
	text_append_char(text, '\n');
	hash_text(request->body, request->body_size, hash);
	text_append(text, payload ? payload : hash);
	return true;
}

const char *sigv4_get_header(const struct sigv4_request *request, const char *name)
{
	for (size_t i = 0; i < request->header_count; i++)
		if (strcasecmp(request->headers[i].name, name) == 0)
			return request->headers[i].value;
	return NULL;
}

/* Removes empty, "." and ".." segments, then escapes what is there once more: an escape that came with the
 * request stands in the canonical text with its '%' escaped. */
static void append_path(struct text *text, const char *path)
{
	_cleanup_text_ struct text plain = {};
	bool slash_at_end = true;

	while (*path != '\0') {
		size_t length = strcspn(path, "/");

		slash_at_end = length == 0;
		if (length == 2 && strncmp(path, "..", 2) == 0) {
			while (plain.length > 0 && plain.data[--plain.length] != '/')
				;
			slash_at_end = true;
		} else if (length == 1 && *path == '.') {
			slash_at_end = true;
		} else if (length > 0) {
			text_append_char(&plain, '/');
			text_append_bytes(&plain, path, length);
		}
		path += length;
		if (*path == '/') {
			path++;
			slash_at_end = true;
		}
	}
	if (slash_at_end)
		text_append_char(&plain, '/');
	uri_append_encoded(text, plain.data, plain.length, "/");
	text->failed |= plain.failed;
}

/* Parameters in order of their canonical names, then values.  A presigned request's own signature is left out. */
static bool append_query(struct text *text, const char *query, bool presigned)
{
	_cleanup_free_ struct parameter *parameters = NULL;
	_cleanup_text_ struct text spelled = {}, plain = {};
	size_t count = 0, capacity = 1;

	for (const char *c = query; *c != '\0'; c++)
		capacity += *c == '&';
	parameters = calloc(MIN(capacity, (size_t)QUERY_PARAMETERS_MAX), sizeof(*parameters));
	if (!parameters) {
		text->failed = true;
		return true;
	}
	for (size_t length; *query != '\0'; query += length + (query[length] == '&')) {
		struct parameter parameter = {.start = spelled.length};
		size_t name_length;

		length = strcspn(query, "&");
		name_length = MIN(strcspn(query, "="), length);
		if (length == 0)
			continue;
		if (presigned && name_length == strlen("X-Amz-Signature") &&
		    strncmp(query, "X-Amz-Signature", name_length) == 0)
			continue;
		if (count == QUERY_PARAMETERS_MAX)
			return false;
		text_clear(&plain);
		if (!uri_append_decoded(&plain, query, name_length))
			return false;
		uri_append_encoded(&spelled, plain.data ? plain.data : "", plain.length, "");
		parameter.name_length = spelled.length - parameter.start;
		text_append_char(&spelled, '=');
		text_clear(&plain);
		if (name_length < length &&
		    !uri_append_decoded(&plain, query + name_length + 1, length - name_length - 1))
			return false;
		uri_append_encoded(&spelled, plain.data ? plain.data : "", plain.length, "");
		parameter.length = spelled.length - parameter.start;
		parameters[count++] = parameter;
	}
	text->failed |= spelled.failed || plain.failed;
	if (count > 0 && !text->failed)
		sort_parameters(text, spelled.data, parameters, count);
	return true;
}

/* By bytes, a name before the names it begins. */
static int parameter_compare(const void *a, const void *b, void *context)
{
	const struct parameter *left = a, *right = b;
	const char *spelled = context;
	int order;

	order = memcmp(spelled + left->start, spelled + right->start,
		       MIN(left->name_length, right->name_length));
	if (order == 0 && left->name_length != right->name_length)
		order = left->name_length < right->name_length ? -1 : 1;
	if (order != 0)
		return order;
	order = memcmp(spelled + left->start, spelled + right->start,
		       MIN(left->length, right->length));
	if (order == 0 && left->length != right->length)
		order = left->length < right->length ? -1 : 1;
	return order;
}

static void sort_parameters(struct text *text, const char *spelled, struct parameter *parameters,
			    size_t count)
{
	qsort_r(parameters, count, sizeof(*parameters), parameter_compare,
		(void *)(uintptr_t)spelled);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			text_append_char(text, '&');
		text_append_bytes(text, spelled + parameters[i].start, parameters[i].length);
	}
}

static bool append_headers(struct text *text, const struct sigv4_request *request,
			   const char *signed_headers)
{
	for (const char *name = signed_headers; *name != '\0';) {
		size_t length = strcspn(name, ";");

		if (!append_header(text, request, name, length))
			return false;
		name += length;
		name += *name == ';';
	}
	return true;
}

/* A header sent several times becomes one line. */
static bool append_header(struct text *text, const struct sigv4_request *request, const char *name,
			  size_t length)
{
	bool found = false;

	for (size_t i = 0; i < request->header_count; i++) {
		const struct sigv4_header *header = &request->headers[i];

		if (strlen(header->name) != length || strncasecmp(header->name, name, length) != 0)
			continue;
		if (found) {
			text_append_char(text, ',');
		} else {
			text_append_bytes(text, name, length);
			text_append_char(text, ':');
		}
		append_trimmed(text, header->value);
		found = true;
	}
	text_append_char(text, '\n');
	return found;
}

/* Without blanks at either end, and runs of them as one. */
static void append_trimmed(struct text *text, const char *value)
{
	static const char blanks[] = " \t\r\n";

	value += strspn(value, blanks);
	while (*value != '\0') {
		size_t length = strcspn(value, blanks);

		text_append_bytes(text, value, length);
		value += length;
		value += strspn(value, blanks);
		if (*value != '\0')
			text_append_char(text, ' ');
	}
}
