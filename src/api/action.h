/* An action is a row: its name, its parameters and what runs it.  Dispatch, validation and the list of what is served
 * come from the row.
 *
 * Each noun has a file with the rows of its actions and the XML they answer with. */
#pragma once

#include "api/parameter.h"
#include "base/count.h"
#include "control/control.h"
#include "control/query.h"

struct access_key;
struct audit;
struct changes;
struct http_request;
struct sign_ins;
struct tally;
struct tries;
struct text;

#define CALL_WAIT_KEY_SIZE 32

/* An action that has nothing to say yet fills in key and end, and runs again at the latest then (net/http_server.h). */
struct call_wait {
	uint64_t arrived; /* When the request did, in monotonic nanoseconds. */
	bool possible;    /* There is another turn. */
	char key[CALL_WAIT_KEY_SIZE];
	uint64_t until;
};

/* One request on its way through an action. */
struct call {
	struct control *control;
	const struct caller *caller;
	const struct action *action;
	struct tally *tally; /* What was refused because it was too much. */
	struct audit *audit; /* What happened. */
	struct changes *changes;
	struct sign_ins *sign_ins;
	struct tries *tries; /* At codes of enrolments. */
	const struct http_request *request;
	bool encrypted;            /* It came by TLS. */
	const char *authority;     /* Who vouches for that, in PEM; NULL: whom everybody knows. */
	struct access_key *proven; /* Whose request it is; an anonymous action may find out. */
	struct call_wait wait;
	struct arguments arguments;
	char request_hash[65];        /* Of the arguments, for ClientToken. */
	struct query_filter *filters; /* What call_get_query() made. */
	struct tag *tags;             /* What call_get_tags() made. */
	const char **texts;           /* What an action made. */
	struct text *xml; /* Where the answer goes, between the tags of its root element… */
	bool json;        /* …or as one JSON object. */
};

struct action {
	const char *name;
	const struct parameter *parameters;
	size_t parameter_count;
	/* Returns 0, REFUSED or a fault. */
	int (*run)(struct call *call, struct refusal *why);
	bool gives_keys; /* So it is kept among events although it changes nothing (api/audit.h). */
	bool steady; /* The answer depends on account and store's version alone (api/answers.h). */
	/* What permission it takes (api/authorize.h), besides what its parameters say: */
	bool open;      /* None: whoever can sign may call it. */
	bool anonymous; /* Not even a signature; the action sees to it that nobody calls it too often. */
	bool changes; /* The parameters that may be left out say what becomes of the resource. */
	const char *permission;              /* NULL: the name of the service and its own. */
	const struct resource_type *creates; /* NULL: nothing. */
};

/* Writes name, parameters and handler of a row whose parameters are in an array; what else it has may follow. */
#define ACTION(name, parameters, run, ...)                                   \
	{                                                                    \
		name, parameters, ARRAY_SIZE(parameters), run, ##__VA_ARGS__ \
	}

struct action_table {
	const struct action *rows;
	size_t count;
};

extern const struct action_table access_key_actions, account_actions, policy_actions, role_actions,
	user_actions;
extern const struct action_table balancer_actions, balancer_limit_actions, balancer_tag_actions,
	group_actions, listener_actions, member_actions;
extern const struct action_table endpoint_actions, endpoint_service_actions;
extern const struct action_table monitoring_actions, monitoring_data_actions;
extern const struct action_table change_actions, event_actions;
extern const struct action_table enrolment_actions, explain_actions, host_key_actions, peek_actions,
	filter_actions, quota_actions, usage_actions, share_actions, sts_actions, instance_actions,
	rule_actions, session_actions, selector_actions, site_actions, source_actions,
	status_actions, tag_actions, target_actions;

/* Whose names errors have (api/errors.c). */
enum error_column {
	ERRORS_OF_EC2,
	ERRORS_OF_STS,
	ERRORS_OF_ELB,
	ERRORS_OF_MONITORING,
	ERRORS_OF_JSON,
	ERROR_COLUMN_COUNT,
};

/* How a service speaks of tags, in requests and in policies. */
struct tag_words {
	const char *key, *value; /* Of actions that tag what is there: lists of parameters. */
	const char *new_key, *new_value; /* Of those that make something. */
	const char *permission;          /* What it takes to make something with tags. */
	const char *create_key;          /* The condition key that tells which action makes it. */
};

/* What is addressed by its signing name and version. */
struct service {
	const char *name;        /* In the credential's scope. */
	const char *source;      /* In records. */
	const char *version;     /* "Version" of its requests. */
	const char *namespace;   /* Of its answers. */
	bool regional;           /* The scope must name this region. */
	bool open_to_hosts;      /* Hosts' keys may call it too. */
	bool closed_to_sessions; /* Temporary keys of users may not. */
	bool wraps_result;       /* Answers and errors in the form of AWS's older query services. */
	enum error_column errors;
	const struct tag_words *tag_words; /* NULL: nothing here has tags. */
	const char *target; /* Under which its actions are called in JSON; NULL: in forms only. */
	const struct action_table *const *tables;
	size_t table_count;
};

/* One after another; NULL: no more. */
const struct service *service_get(size_t index);

/* NULL: none of that name, or of that version. */
const struct service *service_find(const char *name);
const struct service *service_find_version(const char *version);
/* By the name of its calls in JSON, which older SDKs write behind that of a package. */
const struct service *service_find_target(const char *target, size_t length);
const struct action *service_find_action(const struct service *service, const char *name);

/* Appends a line for each action that is served: its service's name, its own, and its parameters, the required ones with
 * an asterisk. */
void actions_append_list(struct text *text);

/* Rows that many actions share. */
#define DRY_RUN_PARAMETER                   \
	{                                   \
		"DryRun", PARAMETER_BOOLEAN \
	}
#define DESCRIPTION_PARAMETER                                 \
	{                                                     \
		"Description", PARAMETER_TEXT, .maximum = 255 \
	}
#define CLIENT_TOKEN_PARAMETER                                             \
	{                                                                  \
		"ClientToken", PARAMETER_TEXT, .minimum = 1, .maximum = 64 \
	}
/* clang-format off */
#define TAG_PARAMETERS \
	{"TagSpecification.N.ResourceType", PARAMETER_TEXT}, \
	{"TagSpecification.N.Tag.N.Key", PARAMETER_TEXT}, \
	{"TagSpecification.N.Tag.N.Value", PARAMETER_TEXT}
#define FILTER_PARAMETERS \
	{"Filter.N.Name", PARAMETER_TEXT}, \
	{"Filter.N.Value.N", PARAMETER_TEXT, .elements = 50 * QUERY_FILTER_VALUES_MAX}
#define PAGE_PARAMETERS \
	{"MaxResults", PARAMETER_NUMBER, .minimum = QUERY_RESULTS_MIN, \
	 .maximum = QUERY_RESULTS_MAX}, \
	{"NextToken", PARAMETER_TEXT}
/* clang-format on */
