/* Rules appear both by themselves and within their filter. */
#pragma once

struct call;
struct filter_rule;
struct tags;

/* 'tags' may be NULL: not told here. */
void rule_write(struct call *call, const char *element, const struct filter_rule *rule,
		const struct tags *tags);
