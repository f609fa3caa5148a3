/* What AWS calls the reasons for which a request is refused. */
#pragma once

#include "mirror/refusals.h"

#include <stdbool.h>

struct text;
struct service;

struct error_name {
	const char *name; /* As in "InvalidParameterValue". */
	unsigned int status;
};

/* 'service' may be NULL, which is EC2. */
struct error_name error_find(int code, const struct service *service);

/* Writes a whole error document in the form of the service. */
void error_write(struct text *xml, const struct service *service, const struct error_name *error,
		 const char *message, const char *request_id);

/* As services say it that are called in JSON. */
void error_write_json(struct text *json, const struct error_name *error, const char *message);
