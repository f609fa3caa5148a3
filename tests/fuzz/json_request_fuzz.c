// SPDX-License-Identifier: Apache-2.0
/* Any body of the JSON protocol is either refused or becomes fields, which bind like those of a form. */
#include "api/action.h"
#include "api/form.h"
#include "api/json_request.h"
#include "base/refusal.h"
#include "fuzz.h"
#include "net/http_server.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct service *service = service_find("cloudtrail");
	const struct action *action = service_find_action(service, "LookupEvents");
	const struct http_request request = {.body = data, .body_size = size};
	_cleanup_arguments_ struct arguments arguments = {};
	_cleanup_form_ struct form form = {};
	struct refusal why = {};
	int r = json_request_decode(&request, &form, &why);

	require(r == 0 || (r == REFUSED && why.text[0] != '\0'));
	for (size_t i = 0; i < form.count; i++)
		require(form.items[i].name && form.items[i].value);
	if (r != 0)
		return 0;
	r = arguments_bind(action->parameters, action->parameter_count, &form, &arguments, &why);
	require(r == 0 || (r == REFUSED && why.text[0] != '\0'));
	require(arguments.count <= form.count);
	return 0;
}
