/* What all nouns of the API have in common: list, show, create, modify, delete.
 *
 * A noun's file holds the words; the verbs are done here. */
#pragma once

#include "cli/command.h"
#include "cli/output.h"

struct noun {
	const char *resource_type; /* As in "traffic-mirror-session", for tags. */
	const char *id_parameter;  /* "TrafficMirrorSessionId" */
	const char *id_element;    /* "trafficMirrorSessionId" */
	const char *describe;      /* Action… */
	const char *set;           /* …and the element that holds what it found. */
	const char *page_size;     /* Parameter; NULL: MaxResults. */
	const char *page_limit;    /* Its largest value; NULL: 1000. */
	const char *create;        /* Action… */
	const char *object;        /* …and the element that holds what it made. */
	const char *modify;        /* Action; NULL if only tags can be changed. */
	const char *delete;        /* Action. */
	struct columns columns;
	bool extended; /* 'describe' can show extensions. */
};

/* The name of the word that holds an id, in the rows of show, modify and delete. */
#define ID_WORD "ID"

command_function noun_list, noun_show, noun_create, noun_modify, noun_delete;

/* Rows that several nouns share. */
#define FILTER_ROW                                                                    \
	{                                                                             \
		.name = "filter", .letter = 'f', .value = "NAME=VALUE,…",             \
		.help = "Only those of which one of the values is true; * and ? are " \
			"wildcards",                                                  \
		.parameter = "Filter", .form = FORM_FILTER, .repeated = true,         \
	}
#define TAG_ROW                                                                       \
	{                                                                             \
		.name = "tag", .letter = 't', .value = "KEY=VALUE", .help = "Tag it", \
		.parameter = "TagSpecification", .form = FORM_TAG, .repeated = true,  \
	}
#define SET_TAG_ROW                                                                      \
	{                                                                                \
		.name = "tag", .letter = 't', .value = "KEY=VALUE", .help = "Set a tag", \
		.form = FORM_OWN, .repeated = true,                                      \
	}
#define REMOVE_TAG_ROW                                                                     \
	{                                                                                  \
		.name = "untag", .value = "KEY", .help = "Remove a tag", .form = FORM_OWN, \
		.repeated = true,                                                          \
	}
#define DESCRIPTION_ROW                                                           \
	{                                                                         \
		.name = "description", .value = "TEXT", .help = "What it is for", \
		.parameter = "Description",                                       \
	}
#define PATH_PREFIX_ROW                                                               \
	{                                                                             \
		.name = "path-prefix", .value = "/PATH/",                             \
		.help = "Only those whose path begins so", .parameter = "PathPrefix", \
	}
#define TOKEN_ROW                                                         \
	{                                                                 \
		.name = "client-token", .value = "TEXT",                  \
		.help = "Create it once, however often this is repeated", \
		.parameter = "ClientToken",                               \
	}
#define DRY_RUN_ROW                                                             \
	{                                                                       \
		.name = "dry-run", .help = "Only ask whether it would be done", \
		.parameter = "DryRun", .form = FORM_SWITCH,                     \
	}
#define ID_ROW(what)                                                                             \
	{                                                                                        \
		.name = ID_WORD, .help = what, .word = true, .required = true, .form = FORM_OWN, \
	}
#define IDS_ROW(what)                                                                            \
	{                                                                                        \
		.name = ID_WORD, .help = what, .word = true, .required = true, .form = FORM_OWN, \
		.repeated = true,                                                                \
	}
