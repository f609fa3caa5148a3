// SPDX-License-Identifier: Apache-2.0
/* A large access list for bench/run, after ClassBench (bench/ruleset.h):  rules COUNT
 *
 * Prints COUNT ingress rules, one a line: protocol (-1 is any), source, destination, and two port ranges as "from-to",
 * where "-" is any. */
#include "base/cleanup.h"
#include "bench/ruleset.h"

#include <stdio.h>

static void ports_print(const struct port_range *ports)
{
	if (ports->set)
		printf(" %u-%u", ports->from, ports->to);
	else
		printf(" -");
}

int main(int argc, char **argv)
{
	_cleanup_(filter_fini) struct filter filter = {};
	size_t count = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;

	if (count == 0) {
		(void)fprintf(stderr, "Usage: rules COUNT\n");
		return 2;
	}
	if (ruleset_generate(RULESET_ACL, 4, count, 1, &filter) < 0)
		return 1;
	for (size_t i = 0; i < filter.rule_count; i++) {
		const struct filter_rule *rule = &filter.rules[i];
		char source[CIDR_TEXT_SIZE], destination[CIDR_TEXT_SIZE];

		cidr_format(&rule->source, source);
		cidr_format(&rule->destination, destination);
		printf("%d %s %s", rule->protocol, source, destination);
		ports_print(&rule->source_ports);
		ports_print(&rule->destination_ports);
		printf("\n");
	}
	return 0;
}
