// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

#include "base/text.h"
#include "cli/noun.h"

#include <stdarg.h>
#include <stdio.h>

int invocation_number(struct invocation *invocation, const char *name, unsigned long long least,
		      unsigned long long most, unsigned long long *ret_number)
{
	const char *value = invocation_get(invocation, name);

	if (!value)
		return 0;
	if (!string_to_unsigned(value, most, ret_number) || *ret_number < least)
		return invocation_misused(invocation, "--%s '%s' is not a number from %llu to %llu",
					  name, value, least, most);
	return 0;
}

int invocation_request(struct invocation *invocation, const char *action,
		       struct tmirror_request **ret_request)
{
	const struct noun *noun = invocation->command->about;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r;

	r = tmirror_request_new(action, &request);
	if (r < 0)
		return r;
	r = arguments_fill(&invocation->arguments, noun ? noun->resource_type : "", request,
			   &invocation->misuse);
	if (r == REFUSED)
		return COMMAND_MISUSED;
	if (r == 0)
		*ret_request = TAKE_PTR(request);
	return r;
}

int invocation_pages(struct invocation *invocation, const char *action, const char *set,
		     struct tmirror_pages **ret_pages)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r = invocation_request(invocation, action, &request);

	return r != 0 ? r : tmirror_pages_new(invocation->client, request, set, ret_pages);
}

int invocation_call(struct invocation *invocation, const struct tmirror_request *request,
		    struct tmirror_response **ret_response)
{
	return tmirror_call(invocation->client, request, ret_response, &invocation->error);
}

int invocation_refused(struct invocation *invocation, const char *code, const char *format, ...)
{
	struct tmirror_error *error = &invocation->error;
	va_list arguments;

	*error = (struct tmirror_error){};
	(void)snprintf(error->code, sizeof(error->code), "%s", code);
	va_start(arguments, format);
	(void)vsnprintf(error->message, sizeof(error->message), format, arguments);
	va_end(arguments);
	return TMIRROR_REFUSED;
}
