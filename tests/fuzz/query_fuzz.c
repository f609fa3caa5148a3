// SPDX-License-Identifier: Apache-2.0
/* Any form is either refused or bound to each action's parameters in order, within their bounds and in one spelling. */
#include "api/action.h"
#include "api/form.h"
#include "base/refusal.h"
#include "base/text.h"
#include "fuzz.h"

#include <string.h>

static void arguments_walk(const struct arguments *arguments)
{
	_cleanup_text_ struct text canonical = {};

	for (size_t i = 0; i < arguments->count; i++) {
		const struct argument *argument = &arguments->items[i];

		require(arguments->values[i] == argument->value);
		require(arguments_get_text(arguments, argument->parameter->name));
		require(argument->index[0] <= PARAMETER_INDEX_MAX);
		if (i > 0)
			require(argument[-1].parameter <= argument->parameter);
		if (argument->parameter->maximum > 0 &&
		    argument->parameter->type == PARAMETER_NUMBER)
			require(argument->number <= argument->parameter->maximum);
	}
	arguments_append_canonical(&canonical, arguments);
	require(!canonical.failed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct service *service = service_find("ec2");
	_cleanup_form_ struct form form = {};
	struct refusal why = {};

	if (form_decode(&form, (const char *)data, size, &why) != 0) {
		require(why.text[0] != '\0');
		return 0;
	}
	for (size_t i = 0; i < service->table_count; i++)
		for (size_t j = 0; j < service->tables[i]->count; j++) {
			const struct action *action = &service->tables[i]->rows[j];
			_cleanup_arguments_ struct arguments arguments = {};
			int r = arguments_bind(action->parameters, action->parameter_count, &form,
					       &arguments, &why);

			require(r == 0 || (r == REFUSED && why.text[0] != '\0'));
			arguments_walk(&arguments);
		}
	return 0;
}
