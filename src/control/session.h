/* What requests about sessions mean. */
#pragma once

#include "control/control.h"
#include "control/query.h"
#include "mirror/session.h"

struct session_record {
	struct session session;
	struct tags tags;
};

struct session_page {
	struct session_record *items;
	size_t count, capacity;
	char *next_token; /* NULL: this was the last page. */
};

void session_record_fini(struct session_record *record);
void session_page_fini(struct session_page *page);

#define DURATION_MAX (100LL * 365 * 24 * 60 * 60)

/* What AWS's sessions do not have, as requests say it; NULL or not set: not given.  Zero, false and "" are AWS's
 * behaviour.  mirror/session.h says what each means. */
struct options_wish {
	struct optional_number packet_sampling, flow_sampling;
	struct optional_number bits_per_second, packets_per_second;
	struct optional_number priority;
	struct optional_number paused, continues; /* 0 or 1. */
	const char *expiration_time;              /* ISO 8601, later than now; "" or "never". */
	struct optional_number duration; /* The same, in seconds from now, to DURATION_MAX. */
	const char *encapsulation;       /* "vxlan" or "geneve". */
	const char *outer_dscp;          /* A number or a name; "" is 0. */
	struct optional_number outer_port;
	const char *outer_source; /* Of the family of the target's address. */
};

struct session_wish {
	const char *source, *target, *filter;
	struct optional_number number;        /* 1 to 32766; must be given. */
	struct optional_number packet_length; /* 1 to 8500; not set: whole packets. */
	struct optional_number vni;           /* 0 to 16777215; not set: one nobody else has. */
	const char *description;              /* NULL: none. */
	struct options_wish options;
	const struct tag *tags;
	size_t tag_count;
	struct once once;
};
int control_create_session(struct control *control, const struct caller *caller,
			   const struct session_wish *wish, struct session_record *ret_session,
			   struct refusal *why);

/* What RemoveField can name.  Removing and setting one field in one call is refused. */
enum session_field {
	SESSION_FIELD_PACKET_LENGTH = 1 << 0, /* "packet-length" */
	SESSION_FIELD_DESCRIPTION = 1 << 1,   /* "description" */
	SESSION_FIELD_VNI = 1 << 2,           /* "virtual-network-id": a new random one. */
};

/* NULL or not set: as it is.  A change of nothing succeeds. */
struct session_change {
	const char *session;
	const char *target, *filter;
	struct optional_number number, packet_length, vni;
	const char *description;
	struct options_wish options;
	unsigned int remove; /* Set of enum session_field. */
};
int control_modify_session(struct control *control, const struct caller *caller,
			   const struct session_change *change, struct session_record *ret_session,
			   struct refusal *why);

int control_delete_session(struct control *control, const struct caller *caller,
			   const char *session, struct refusal *why);

struct ended_session {
	struct resource_id id, source;
	int64_t end; /* When its time was over, in milliseconds. */
};

struct ended_sessions {
	struct ended_session *items;
	size_t count, capacity;
};

void ended_sessions_fini(struct ended_sessions *ended);

/* Deletes the sessions whose time has come, as if their owners had; of many, EXPIRED_MAX at once.  Cheap when there is none; to
 * be called every second or so, and again while there are more. */
#define EXPIRED_MAX 64
int control_expire_sessions(struct control *control, struct ended_sessions *ret_ended,
			    struct refusal *why);

/* Filters: description, network-interface-id, owner-id, packet-length, session-number, traffic-mirror-filter-id,
 * traffic-mirror-selector-id, traffic-mirror-session-id, traffic-mirror-target-id, virtual-network-id, tag:<key>, tag-key. */
int control_describe_sessions(struct control *control, const struct caller *caller,
			      const struct query *query, struct session_page *ret_page,
			      struct refusal *why);
