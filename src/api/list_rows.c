// SPDX-License-Identifier: Apache-2.0
/* What the build makes the SDK's typed requests of: every action that is served, with its parameters and their types.
 *
 *	ec2 CreateTrafficMirrorSession NetworkInterfaceId:text* … SessionNumber:number* … Extension.Paused:truth
 *
 * It is run by the build and not installed; what people read is "tmirror-controller --list-actions". */
#include "api/action.h"

#include <stdio.h>
#include <stdlib.h>

static void print_action(const struct service *service, const struct action *action);

int main(void)
{
	for (size_t i = 0;; i++) {
		const struct service *service = service_get(i);

		if (!service)
			break;
		for (size_t j = 0; j < service->table_count; j++)
			for (size_t k = 0; k < service->tables[j]->count; k++)
				print_action(service, &service->tables[j]->rows[k]);
	}
	return ferror(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}

static void print_action(const struct service *service, const struct action *action)
{
	static const char *const types[] = {
		[PARAMETER_TEXT] = "text",
		[PARAMETER_DOCUMENT] = "text",
		[PARAMETER_NUMBER] = "number",
		[PARAMETER_BOOLEAN] = "truth",
	};

	(void)printf("%s %s", service->name, action->name);
	for (size_t i = 0; i < action->parameter_count; i++) {
		const struct parameter *parameter = &action->parameters[i];

		(void)printf(" %s:%s%s", parameter->name, types[parameter->type],
			     parameter->required ? "*" : "");
	}
	(void)putchar('\n');
}
