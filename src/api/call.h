/* What actions ask of their request, beyond single parameters, and write into their answers. */
#pragma once

#include "api/action.h"

#include "api/xml.h"

struct tags;
struct once;
struct address;
struct unsuccessful_list;

void call_fini(struct call *call);

/* NULL or not set: not given. */
const char *call_get_text(const struct call *call, const char *name);
struct optional_number call_get_number(const struct call *call, const char *name);

/* Of a list in a list, as "Filter.N.Value.N", those whose first number is 'index'. */
const char *const *call_get_values(const struct call *call, const char *name, unsigned int index,
				   size_t *ret_count);
/* Refuses such values of which nobody says what they are of, as of "Filter.N.Name". */
int call_check_values(const struct call *call, const char *values, const char *names,
		      struct refusal *why);

/* Ids (by the name of their list; NULL: none), filters and page.  Everything is borrowed from the call. */
int call_get_query(struct call *call, const char *ids, struct query *ret_query,
		   struct refusal *why);

/* The tags of TagSpecification, which may only be for 'kind'. */
int call_get_tags(struct call *call, enum resource_kind kind, const struct tag **ret_tags,
		  size_t *ret_count, struct refusal *why);

/* The fields that RemoveField names, as a set. */
struct removable_field {
	const char *name;
	unsigned int field;
};
unsigned int call_get_removed(const struct call *call, const struct removable_field *fields,
			      size_t count);

struct once call_get_once(const struct call *call);

/* Answers with the token that the request had. */
void call_write_token(struct call *call);
/* Ends a page: no element means no further page. */
void call_write_next(struct call *call, const char *next_token);
void call_write_tags(struct call *call, const struct tags *tags);
/* What a call about several things could not do. */
void call_write_unsuccessful(struct call *call, const struct unsuccessful_list *list);
/* <return>true</return>, of actions that have nothing else to say. */
void call_write_done(struct call *call);
