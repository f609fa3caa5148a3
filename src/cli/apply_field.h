/* What tmirror apply knows of filters, rules, targets, sessions and selectors: a row for each thing that a file says of them.
 *
 * A value is kept in one spelling, the API's where it has one, so that two of them are equal or different as texts: what
 * the file says ("10M", "ef", "80") and what the API answers ("10000000", "46", a range of ports). */
#pragma once

#include "cli/ledger.h"

#include <stdbool.h>
#include <stdint.h>

struct text;
struct tmirror_node;
struct tmirror_request;

#define FIELDS_MAX 20

/* In the order in which they are made. */
enum apply_kind {
	APPLY_APPLIANCE, /* The interface that stands for an address. */
	APPLY_TARGET,
	APPLY_FILTER,
	APPLY_RULE,
	APPLY_SESSION,
	APPLY_SELECTOR, /* Its fields are in the places of a session's, its tags in that of the source. */
	APPLY_KIND_COUNT,
};

struct field;

/* How a kind of value is spelled. */
struct spelling {
	const char *wants; /* As in "true or false", for who said something else. */
	/* Appends the one spelling of 'value'; returns false if it is none. */
	bool (*write)(const struct field *field, const char *value, struct text *ret_text);
};

struct field {
	const char *key;       /* In the file. */
	const char *parameter; /* Of the API. */
	const char *path;      /* Element of what Describe answers. */
	const struct spelling *spelling;
	const char *words;         /* Of spelling_word, as "accept|reject". */
	uint64_t minimum, maximum; /* Of spelling_number and spelling_rate. */
	const char *usual;         /* What not saying it means; NULL: whatever is there. */
	const char *remove;        /* The RemoveField that takes it back to "". */
	bool required;
	bool fixed;   /* Nothing can change it: the object is made anew. */
	bool implied; /* By the place in the file. */
	bool apart;   /* Goes with calls of its own. */
	bool list;    /* In the file, a list of words: of tags many, else one at most. */
};

struct kind {
	const char *name; /* As in "filter". */
	const struct thing *thing;
	const char *describe, *set; /* NULL: stands in another kind's answer. */
	const struct field *fields;
	size_t count;
	const char *modify; /* NULL: no field can be changed. */
	bool named;         /* Has a tag Name. */
	bool renamed;       /* And that tag does not make it another one. */
	bool extended;
};

extern const struct kind apply_kinds[APPLY_KIND_COUNT];

/* Columns of the rows, where code speaks of one. */
enum { APPLIANCE_IPV4, APPLIANCE_IPV6 };
enum { TARGET_INTERFACE, TARGET_BALANCER, TARGET_ENDPOINT };
enum { SESSION_SOURCE, SESSION_FILTER, SESSION_TARGET, SESSION_NUMBER, SESSION_EXPIRES };
enum { SELECTOR_TAGS = SESSION_SOURCE };
enum { RULE_DIRECTION, RULE_NUMBER };

/* The value's one spelling, the caller's to free.  Returns NULL where it has none; 'ret_failed' tells lack of memory from that. */
char *field_spell(const struct field *field, const char *value, bool *ret_failed);

/* What the API says of the field, in its one spelling; the caller's to free.  NULL: no memory. */
char *field_of_node(const struct field *field, const struct tmirror_node *node);

/* Sets what makes the field 'value', where it was 'before' (NULL: with creation). */
int field_set(const struct field *field, struct tmirror_request *request, const char *value,
	      const char *before);
