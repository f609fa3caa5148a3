/* What requests about filters and their rules mean. */
#pragma once

#include "control/control.h"
#include "control/query.h"
#include "mirror/filter.h"

struct filter_record {
	struct filter filter; /* With its rules. */
	struct tags tags;
};

struct filter_page {
	struct filter_record *items;
	size_t count, capacity;
	char *next_token; /* NULL: this was the last page. */
};

struct rule_record {
	struct filter_rule rule;
	struct tags tags;
};

struct rule_page {
	struct rule_record *items;
	size_t count, capacity;
	char *next_token;
};

void filter_record_fini(struct filter_record *record);
void filter_page_fini(struct filter_page *page);
void rule_record_fini(struct rule_record *record);
void rule_page_fini(struct rule_page *page);

struct filter_wish {
	const char *description; /* NULL: none. */
	const struct tag *tags;
	size_t tag_count;
	struct once once;
};
int control_create_filter(struct control *control, const struct caller *caller,
			  const struct filter_wish *wish, struct filter_record *ret_filter,
			  struct refusal *why);

/* Refused while a session uses it; its rules go with it. */
int control_delete_filter(struct control *control, const struct caller *caller, const char *filter,
			  struct refusal *why);

/* Adding what is there and removing what is not changes nothing.  Services go by EC2's names ("amazon-dns"). */
struct services_change {
	const char *filter;
	const char *const *add;
	size_t add_count;
	const char *const *remove;
	size_t remove_count;
};
int control_modify_services(struct control *control, const struct caller *caller,
			    const struct services_change *change, struct filter_record *ret_filter,
			    struct refusal *why);

/* Filters: description, traffic-mirror-filter-id, tag:<key>, tag-key. */
int control_describe_filters(struct control *control, const struct caller *caller,
			     const struct query *query, struct filter_page *ret_page,
			     struct refusal *why);

struct port_range_wish {
	struct optional_number from, to; /* Both or none. */
};

/* The fields of a rule that both create and modify take.  NULL or not set: not given. */
struct rule_fields {
	const char *direction;           /* "ingress" or "egress". */
	struct optional_number number;   /* 1 to 32766. */
	const char *action;              /* "accept" or "reject". */
	struct optional_number protocol; /* 0 means all, as Terraform says it. */
	const char *source, *destination;
	struct port_range_wish source_ports, destination_ports;
	const char *tcp_flags; /* "syn,!ack"; "": any.  Needs protocol 6. */
	const char *dscp;      /* A number or a name; "": any. */
	const char *description;
};

struct rule_wish {
	const char *filter;
	struct rule_fields fields; /* Up to the blocks, all but the protocol must be given. */
	const struct tag *tags;
	size_t tag_count;
	struct once once;
};
int control_create_rule(struct control *control, const struct caller *caller,
			const struct rule_wish *wish, struct rule_record *ret_rule,
			struct refusal *why);

/* What RemoveField can name.  Removing and setting one field in one call is refused, but that Protocol=0 may stand
 * beside its removal. */
enum rule_field {
	RULE_FIELD_DESTINATION_PORTS = 1 << 0, /* "destination-port-range" */
	RULE_FIELD_SOURCE_PORTS = 1 << 1,      /* "source-port-range" */
	RULE_FIELD_PROTOCOL = 1 << 2,          /* "protocol" */
	RULE_FIELD_DESCRIPTION = 1 << 3,       /* "description" */
};

struct rule_change {
	const char *rule;
	struct rule_fields fields;
	unsigned int remove; /* Set of enum rule_field. */
};
int control_modify_rule(struct control *control, const struct caller *caller,
			const struct rule_change *change, struct rule_record *ret_rule,
			struct refusal *why);

int control_delete_rule(struct control *control, const struct caller *caller, const char *rule,
			struct refusal *why);

/* 'filter' (may be NULL) restricts the answer to one filter's rules.  Filters: traffic-mirror-filter-rule-id,
 * traffic-mirror-filter-id, rule-number, rule-action, traffic-direction, protocol, source-cidr-block,
 * destination-cidr-block, description, tag:<key>, tag-key. */
int control_describe_rules(struct control *control, const struct caller *caller, const char *filter,
			   const struct query *query, struct rule_page *ret_page,
			   struct refusal *why);
