/* What is told of the requests that the API has answered. */
#pragma once

#include "api/api.h"

/* For api_options.observe. */
void journal_request(void *context, const struct api_event *event);
