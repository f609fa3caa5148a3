/* How sessions and hosts are doing, which EC2 never tells. */
#pragma once

#include "control/control.h"
#include "control/query.h"
#include "mirror/report.h"

/* The first that applies. */
enum session_state {
	SESSION_NO_AGENT,           /* The source's host has not been heard of lately. */
	SESSION_PAUSED,             /* As wished, and the host has applied it. */
	SESSION_SOURCE_DETACHED,    /* The device is gone; mirrors again when it is back. */
	SESSION_TARGET_UNREACHABLE, /* Nothing stands behind the target that copies could go to. */
	SESSION_FILTER_EMPTY,       /* No accepting rule and no network service: takes nothing. */
	SESSION_PENDING,            /* The host has not applied the newest plan yet. */
	SESSION_FAILED,             /* The agent says that it cannot watch the device. */
	SESSION_OVERTAKEN, /* It watches what another program on the device leaves to it. */
	SESSION_UNHEALTHY, /* Too few appliances of its load balancer are healthy: copies go to all. */
	SESSION_ACTIVE,
	SESSION_STATE_COUNT,
};

/* As in "source-detached". */
const char *session_state_name(enum session_state state);

struct session_status {
	struct resource_id session, source;
	char host[HOST_NAME_SIZE], device[DEVICE_NAME_SIZE]; /* Where the source is. */
	enum session_state state;
	char reason[320];                 /* A sentence; empty when active. */
	struct session_counters counters; /* Since the session was made, over all epochs. */
};

struct session_status_page {
	struct session_status *items;
	size_t count, capacity;
	char *next_token; /* NULL: this was the last page. */
};

void session_status_page_fini(struct session_status_page *page);

/* Ids are session ids.  Filters: those of control_describe_sessions() but tags, and state. */
int control_describe_session_status(struct control *control, const struct caller *caller,
				    const struct query *query, struct session_status_page *ret_page,
				    struct refusal *why);

struct host_status {
	char name[HOST_NAME_SIZE];
	struct resource_id instance;
	char agent_version[VERSION_SIZE];
	char kernel[96];
	bool connected;       /* Heard of lately. */
	int64_t first_report; /* Milliseconds since the epoch. */
	int64_t last_report;
	uint64_t plan_revision;    /* Wanted. */
	uint64_t applied_revision; /* As the agent reported. */
	struct report_reattachments reattachments;
	int64_t protocol;    /* That its agent speaks; 0: from before that was told. */
	char access_key[32]; /* What it reported with; "": from before that was told. */
	bool own_key;        /* That is its own, and not one of all the account's hosts. */
	bool revoked;        /* That was taken back. */
	int64_t key_created; /* When that was made; 0: it is gone. */
};

struct host_status_page {
	struct host_status *items;
	size_t count, capacity;
	char *next_token;
};

void host_status_page_fini(struct host_status_page *page);

/* Ids are host names.  Filters: host-name, instance-id, connected (true, false), agent-version. */
int control_describe_hosts(struct control *control, const struct caller *caller,
			   const struct query *query, struct host_status_page *ret_page,
			   struct refusal *why);

/* A host that has been silent for longer counts as not connected. */
#define HOST_SILENCE_MILLISECONDS 60000
