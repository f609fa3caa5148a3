/* The parameters of an action, as rows; and what a request gave for them, checked.
 *
 * EC2 flattens structures into names with 1-based indexes, as in "Filter.2.Value.1".  A row's name has an 'N' in
 * their place.  Binding finds the row of every field, converts its value, and sorts the result by row and indexes, so
 * that a list's elements lie side by side. */
#pragma once

#include "base/cleanup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct form;
struct refusal;
struct resource_type;
struct text;

#define PARAMETER_INDEXES_MAX 2
#define PARAMETER_INDEX_MAX   100000

enum parameter_type {
	PARAMETER_TEXT, /* 'minimum' and 'maximum' count characters; maximum 0: TEXT_LENGTH_MAX. */
	PARAMETER_DOCUMENT, /* The same, and it may have line breaks and tabs. */
	PARAMETER_NUMBER, /* Decimal, from 'minimum' to 'maximum'; both 0: what EC2's integers hold. */
	PARAMETER_BOOLEAN, /* "true" or "false". */
};

#define TEXT_LENGTH_MAX   4096
#define LIST_ELEMENTS_MAX 1000

struct parameter {
	const char *name;
	enum parameter_type type;
	bool required; /* Of a list: at least one. */
	int64_t minimum, maximum;
	size_t elements;   /* The most that a list may have; 0: LIST_ELEMENTS_MAX. */
	bool secret;       /* Records hide it. */
	const char *words; /* The texts allowed, as in "accept|reject"; NULL: any. */
	/* For permissions (api/resource.h): */
	const struct resource_type *names; /* Its value names one of these; NULL: nothing. */
	const char *key;                   /* Its value has this condition key; NULL: none. */
};

struct argument {
	const struct parameter *parameter;
	unsigned int index[PARAMETER_INDEXES_MAX]; /* 0 where the name has none. */
	const char *value;                         /* Borrowed from the form. */
	int64_t number;                            /* Of numbers and booleans. */
};

struct arguments {
	struct argument *items;
	const char **values; /* Those of 'items', for handing out lists. */
	size_t count;
};

void arguments_fini(struct arguments *arguments);
#define _cleanup_arguments_ _cleanup_(arguments_fini)

/* Fields that belong to the protocol ("Action", "Version", what signs) are passed over.  The form must outlive the
 * arguments.  Returns 0, REFUSED, or -ENOMEM. */
int arguments_bind(const struct parameter *rows, size_t row_count, const struct form *form,
		   struct arguments *ret_arguments, struct refusal *why);

/* NULL: not given. */
const char *arguments_get_text(const struct arguments *arguments, const char *name);
/* False: not given. */
bool arguments_get_number(const struct arguments *arguments, const char *name, int64_t *ret_number);
bool arguments_get_boolean(const struct arguments *arguments, const char *name);

/* All elements of a list, by rising indexes. */
const struct argument *arguments_get_list(const struct arguments *arguments, const char *name,
					  size_t *ret_count);
const char *const *arguments_get_texts(const struct arguments *arguments, const char *name,
				       size_t *ret_count);

/* Appends what was asked for in one spelling, without the parameters that make no difference to it: the same text
 * means the same request. */
void arguments_append_canonical(struct text *text, const struct arguments *arguments);
