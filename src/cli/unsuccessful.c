// SPDX-License-Identifier: Apache-2.0
#include "cli/unsuccessful.h"

#include "cli/noun.h"

#include <errno.h>

int unsuccessful_call(struct invocation *invocation, const char *action, const char *parameter)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	const struct argument *id = NULL;
	const struct tmirror_node *error;
	const char *code, *message;
	int r;

	r = invocation_request(invocation, action, &request);
	while (r == 0 && (id = arguments_next(&invocation->arguments, ID_WORD, id)))
		r = tmirror_request_append(request, parameter, id->value);
	if (r == 0)
		r = invocation_call(invocation, request, &response);
	if (r != 0)
		return r;
	error = tmirror_node_find(tmirror_response_root(response), "unsuccessful/item/error");
	if (!error)
		return 0;
	code = tmirror_node_text(error, "code");
	message = tmirror_node_text(error, "message");
	if (!code || !message)
		return -EPROTO;
	return invocation_refused(invocation, code, "%s", message);
}
