/* SPDX-License-Identifier: Apache-2.0 */
/* libtmirror: what typed calls are made of.  Programs include tmirror_actions.h, which has an input, an output and a
 * function for every action.
 *
 *	struct tmirror_create_traffic_mirror_session_input input = {
 *		.network_interface_id = "eni-…",
 *		.session_number = tmirror_given(1),
 *		.dry_run = TMIRROR_TRUE,
 *	};
 *	struct tmirror_create_traffic_mirror_session_output *output;
 *
 *	r = tmirror_create_traffic_mirror_session(client, &input, &output, &error);
 *	if (r == 0)
 *		puts(output->traffic_mirror_session.traffic_mirror_session_id);
 *	…
 *	tmirror_output_free(output);
 *
 * What is zero in an input is not sent: members that are not named in an initializer are not given.
 *
 * The one hard idea: the library does not know these structures.  A program compiles, from the same header, a structure
 * and its shape, which says what lies where; the library follows the shape.  So a later version of the API may have
 * more members, and programs built with an older header go on as they are. */
#ifndef TMIRROR_TYPED_H
#define TMIRROR_TYPED_H

#include <stdint.h>
#include <tmirror.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A number that may be left out; all zero is "not given". */
struct tmirror_number {
	int given;
	int64_t value;
};

static inline struct tmirror_number tmirror_given(int64_t value)
{
	struct tmirror_number number = {1, value};

	return number;
}

enum tmirror_truth { TMIRROR_NOT_GIVEN = 0, TMIRROR_FALSE, TMIRROR_TRUE };

/* How lists are laid out, in inputs and outputs alike; there they have the type of their items. */
struct tmirror_list {
	const void *items;
	size_t count;
};

enum tmirror_field_type {
	TMIRROR_FIELD_TEXT = 1,  /* const char *; NULL: not given. */
	TMIRROR_FIELD_NUMBER,    /* struct tmirror_number */
	TMIRROR_FIELD_TRUTH,     /* enum tmirror_truth */
	TMIRROR_FIELD_STRUCTURE, /* A structure of another shape, inside of this one. */
};

struct tmirror_shape;

struct tmirror_field {
	const char *
		name; /* On the wire; in a request's list "Names.member" stands for "Names.member.1" … */
	size_t offset;
	enum tmirror_field_type type;
	int is_list;                       /* A struct tmirror_list of it. */
	const struct tmirror_shape *shape; /* Of structures. */
};

struct tmirror_shape {
	size_t size; /* Of the structure, in bytes. */
	const struct tmirror_field *fields;
	size_t field_count;
};

struct tmirror_action {
	const char *name; /* As tmirror_request_new() takes it. */
	const struct tmirror_shape *input, *output;
};

/* What the functions of tmirror_actions.h call.  'input' may be NULL.  With 'every_page' set, later pages are asked for as
 * long as there are any, and the lists of the output have the items of all of them.  Returns as tmirror_call() does; an
 * answer that has something else where the shape has a number or a truth is TMIRROR_UNUSABLE. */
TMIRROR_EXPORT int tmirror_perform(struct tmirror_client *client,
				   const struct tmirror_action *action, const void *input,
				   int every_page, void **ret_output,
				   struct tmirror_error *ret_error);

/* Frees an output with all that it points to; NULL does nothing. */
TMIRROR_EXPORT void tmirror_output_free(void *output);

/* The answer that the output was made of, for elements that have no member. */
TMIRROR_EXPORT const struct tmirror_node *tmirror_output_tree(const void *output);

/* The request that an input stands for, for pages and waiters. */
TMIRROR_EXPORT int tmirror_request_new_typed(const struct tmirror_action *action, const void *input,
					     struct tmirror_request **ret_request);

#ifdef __cplusplus
}
#endif

#endif
