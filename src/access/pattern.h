/* Patterns of policies: '*' and '?' as wildcards, and variables such as ${aws:username}. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct access_context;
struct text;

/* Whether every "${" is closed and names something. */
bool pattern_is_valid(const char *pattern);

/* Puts the values of variables in, in the form that string_matches() takes: what a variable brings is literal, and so
 * are ${*}, ${?} and ${$}.  "${key, 'default'}" has a value also where the context has none.  Without 'wildcards'
 * all of it is literal, and nothing is escaped.
 * Returns false when a variable has no value; text.failed tells of memory. */
bool pattern_expand(const char *pattern, bool wildcards, const struct access_context *context,
		    struct text *text);
