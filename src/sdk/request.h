/* A request: an action and its parameters, and how they look on the wire. */
#pragma once

#include "base/cleanup.h"
#include "base/text.h"
#include "sdk/tmirror.h"

#include <stdbool.h>
#include <stddef.h>

struct request_parameter {
	char *name;
	char *value;
};

struct tmirror_request {
	char *action;
	struct request_parameter *parameters; /* In the order they were set; each name once. */
	size_t parameter_count, parameter_capacity;
	bool failed; /* A parameter found no memory. */
};

DEFINE_CLEANUP(struct tmirror_request *, tmirror_request_free)

/* NULL when the parameter is not set; borrowed. */
const char *request_get(const struct tmirror_request *request, const char *name);

int request_copy(const struct tmirror_request *request, struct tmirror_request **ret_copy);

/* What creates a thing must be told apart from its own repetition. */
bool request_wants_token(const struct tmirror_request *request);

/* The form-encoded body, with 'client_token' as one more parameter unless that is NULL.  Returns 0 or -ENOMEM. */
int request_encode(const struct tmirror_request *request, const char *client_token,
		   struct text *ret_body);
