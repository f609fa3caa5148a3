/* A request: an action and its parameters, and how they look on the wire. */
#pragma once

#include "base/cleanup.h"
#include "base/text.h"
#include "sdk/tmirror.h"

#include <stdbool.h>
#include <stddef.h>

/* Each service of the API has its own version, and its own way to turn pages. */
struct request_service {
	const char *name; /* As requests are signed for. */
	const char *version;
	const char *page_element;   /* Of an answer, with the token of the next page. */
	const char *page_parameter; /* What takes that token. */
	bool wraps_result; /* Answers have all but their number inside of "ACTIONResult". */
	bool takes_tokens; /* What creates is told apart from its repetition. */
};

struct request_parameter {
	char *name;
	char *value;
};

struct tmirror_request {
	const struct request_service *service;
	char *action;
	struct request_parameter *parameters; /* In the order they were set; each name once. */
	size_t parameter_count, parameter_capacity;
	bool failed; /* A parameter found no memory. */
};

DEFINE_CLEANUP(struct tmirror_request *, tmirror_request_free)

/* NULL when the parameter is not set; borrowed. */
const char *request_get(const struct tmirror_request *request, const char *name);

int request_copy(const struct tmirror_request *request, struct tmirror_request **ret_copy);

/* Whether it may have made something already when no answer came, and cannot be told apart from its own repetition. */
bool request_is_unrepeatable(const struct tmirror_request *request);

/* What creates a thing must be told apart from its own repetition. */
bool request_wants_token(const struct tmirror_request *request);

/* The form-encoded body, with 'client_token' as one more parameter unless that is NULL.  Returns 0 or -ENOMEM. */
int request_encode(const struct tmirror_request *request, const char *client_token,
		   struct text *ret_body);
