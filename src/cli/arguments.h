/* The words after a command, sorted by the command's rows.
 *
 * One row says all about an argument: its name, what --help says, and, where it is simply passed on, which parameter of
 * the API it becomes and in what form.  Options may stand before, between and after the words. */
#pragma once

#include "base/cleanup.h"
#include "sdk/tmirror.h"

#include <stdbool.h>
#include <stddef.h>

struct refusal;

/* How a value becomes parameters; "P" stands for the row's parameter. */
enum argument_form {
	FORM_VALUE,    /* P=value */
	FORM_LIST,     /* P.1=value, P.2=…; values are repeated or separated by commas. */
	FORM_RANGE,    /* "80-90": P.FromPort=80, P.ToPort=90; "80" is both. */
	FORM_PROTOCOL, /* P=number; the common names are understood. */
	FORM_TAG,    /* "key=value": P.1.Tag.N.Key and .Value; P.1.ResourceType is the command's. */
	FORM_FILTER, /* "name=value,value": P.N.Name and P.N.Value.M. */
	FORM_TAG_FILTER, /* "key=value,value": P.N.Key and P.N.Value.M; "key" is any value. */
	FORM_SWITCH,     /* P=true; takes no value. */
	FORM_SWITCH_OFF, /* P=false; likewise. */
	FORM_QUANTITY,   /* "10M": P=10000000; k, M, G and T are understood. */
	FORM_END,        /* "2h": P.DurationSeconds=7200; anything else: P.ExpirationTime=value. */
	FORM_PAST,       /* "2h": P=the time two hours ago; anything else: P=value. */
	FORM_OWN,        /* The command looks at it itself. */
};

struct argument_row {
	const char *name;      /* As in "packet-length"; of a word, as in "SESSION". */
	const char *value;     /* What --help calls the value; NULL for a word or a switch. */
	const char *help;      /* A phrase. */
	const char *parameter; /* The API's name, as in "PacketLength"; NULL with FORM_OWN. */
	enum argument_form form;
	char letter;   /* Short form, or 0. */
	bool word;     /* Not an option: told by its place among the words. */
	bool repeated; /* May be given several times; a word then takes all that are left. */
	bool required;
	bool is_switch; /* FORM_OWN without a value. */
};

struct argument_rows {
	const struct argument_row *rows;
	size_t count;
};

struct argument {
	const struct argument_row *row;
	const char *value; /* NULL for a switch. */
};

/* Borrows the rows and the words. */
struct arguments {
	struct argument *items;
	size_t count, capacity;
};

void arguments_fini(struct arguments *arguments);
#define _cleanup_arguments_ _cleanup_(arguments_fini)

/* Reads options, of 'own' or 'shared', and words, of 'own'; the first string is no argument.  Where 'own' is NULL,
 * reading ends at the first word, and '*ret_next' says where that was.  Returns 0, REFUSED with the reason or -ENOMEM.
 * What is required is checked by arguments_check(), for '--help' goes before. */
int arguments_parse(const struct argument_rows *own, const struct argument_rows *shared, int argc,
		    char **argv, struct arguments *arguments, int *ret_next, struct refusal *why);
int arguments_check(const struct arguments *arguments, const struct argument_rows *rows,
		    struct refusal *why);

/* As if given on the command line. */
int arguments_add(struct arguments *arguments, const struct argument_row *row, const char *value);

/* The last value given, or NULL. */
const char *arguments_get(const struct arguments *arguments, const char *name);
bool arguments_has(const struct arguments *arguments, const char *name);

/* The next one of that name after 'last' (NULL: the first), or NULL. */
const struct argument *arguments_next(const struct arguments *arguments, const char *name,
				      const struct argument *last);

/* Sets the parameters of all arguments that have one.  Returns 0, REFUSED with the reason, or -ENOMEM. */
int arguments_fill(const struct arguments *arguments, const char *resource_type,
		   struct tmirror_request *request, struct refusal *why);

/* The IANA number of "tcp", "udp", "icmp", "icmpv6", … and back; what has no other form is handed back. */
const char *protocol_number(const char *name);
const char *protocol_name(const char *number);
