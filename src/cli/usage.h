/* What sessions cost: what the commands of usage share. */
#pragma once

#include "cli/command.h"

/* Options of every such command. */
#define USAGE_ROWS                                                                            \
	{.name = "from",                                                                      \
	 .value = "TIME",                                                                     \
	 .help = "From this day or time on, in UTC; else the beginning of this month",        \
	 .parameter = "StartTime"},                                                           \
		{.name = "to",                                                                \
		 .value = "TIME",                                                             \
		 .help = "Before this day or time; else now",                                 \
		 .parameter = "EndTime"},                                                     \
	{                                                                                     \
		.name = "account", .value = "DIGITS",                                         \
		.help = "Whose; 'all' of those who run the service; else of the own account", \
		.parameter = "AccountId"                                                      \
	}

/* The pages of what the command asks for, by a granularity and a group of DescribeTrafficMirrorUsage. */
int usage_describe(struct invocation *invocation, const char *granularity, const char *group,
		   struct tmirror_pages **ret_pages);

/* Calls 'visit' with each period of each item until it returns something else than 0. */
typedef int usage_visitor(void *context, const struct tmirror_node *item,
			  const struct tmirror_node *period);
int usage_visit(struct invocation *invocation, struct tmirror_pages *pages, usage_visitor *visit,
		void *context);

command_function usage_export;
