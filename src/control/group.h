/* What requests about target groups mean; member.h has what is registered with them. */
#pragma once

#include "control/control.h"
#include "control/query.h"
#include "mirror/group.h"
#include "mirror/report.h"

struct group_record {
	struct group group;
	struct arn *balancers; /* Whose listeners forward to it. */
	size_t balancer_count, balancer_capacity;
	struct report_fleet flows; /* Of all hosts that send to it. */
	int64_t hosts;             /* How many these are: they reported lately. */
	struct tags tags;
};

struct group_page {
	struct group_record *items;
	size_t count, capacity;
	char *next_token; /* NULL: this was the last page. */
};

void group_record_fini(struct group_record *record);
void group_page_fini(struct group_page *page);

/* What create and modify say of the health check.  NULL or not set: not given. */
struct check_wish {
	const char *protocol;  /* AWS's: "TCP", "HTTP" or "HTTPS". */
	const char *extension; /* Ours: "UDP", "ICMP" or "NONE". */
	const char *port;      /* A number, or "traffic-port". */
	const char *path, *codes;
	struct optional_number interval, timeout, healthy_threshold, unhealthy_threshold;
	struct optional_number enabled; /* 0 or 1; only a check of "NONE" can be off. */
};

struct group_wish {
	const char *name, *protocol, *vpc;
	const char *type;   /* NULL: "instance". */
	const char *family; /* "ipv4" or "ipv6"; NULL: "ipv4". */
	struct optional_number port;
	struct check_wish check;
	const struct tag *tags;
	size_t tag_count;
};

/* One that has the name and was asked for alike is given again; else the name is taken. */
int control_create_group(struct control *control, const struct caller *caller,
			 const struct group_wish *wish, struct group_record *ret_group,
			 struct refusal *why);

/* Refused while a listener forwards to it; its members go with it. */
int control_delete_group(struct control *control, const struct caller *caller, const char *arn,
			 struct refusal *why);

int control_modify_group(struct control *control, const struct caller *caller, const char *arn,
			 const struct check_wish *wish, struct group_record *ret_group,
			 struct refusal *why);

/* The group alone, attributes and all. */
int control_get_group(struct control *control, const struct caller *caller, const char *arn,
		      struct group *ret_group, struct refusal *why);

/* All or nothing.  With no attributes it only reads. */
int control_modify_group_attributes(struct control *control, const struct caller *caller,
				    const char *arn, const struct tag *attributes, size_t count,
				    struct group_record *ret_group, struct refusal *why);

/* Ids are ARNs.  'balancer' (may be NULL) restricts the answer to what its listeners forward to.  There are no filters. */
int control_describe_groups(struct control *control, const struct caller *caller,
			    const char *balancer, const struct query *query,
			    struct group_page *ret_page, struct refusal *why);

/* The same for groups by name. */
int control_find_groups(struct control *control, const struct caller *caller,
			const char *const *names, size_t count, struct group_page *ret_page,
			struct refusal *why);
