/* A report is what a host says of itself: its interfaces, the plan it has applied, and what became of every copy.
 *
 * The agent writes it, the controller reads it; as JSON (report_json.c) under the same rules as the plan. */
#pragma once

#include "mirror/fleet.h"
#include "mirror/source.h"
#include "wire/counters.h"
#include "wire/host.h"

#include <limits.h>

struct refusal;

#define REPORT_SIZE_MAX       HOST_REPORT_SIZE_MAX /* Bytes of JSON. */
#define REPORT_INTERFACES_MAX 100000
#define REPORT_SESSIONS_MAX   100000
#define REPORT_MEMBERS_MAX    10000 /* As many as a plan has, and as many fleets. */
#define REPORT_FLEETS_MAX     1000
#define REPORT_FLOWS_MAX      (LLONG_MAX >> 20) /* So that a million hosts' can be added up. */
#define VERSION_SIZE          32

struct report_interface {
	char device[DEVICE_NAME_SIZE];
	uint8_t mac[6];
	uint32_t mtu;
	enum orientation orientation; /* As found: HOST or GUEST. */
	struct address addresses[SOURCE_ADDRESSES_MAX];
	size_t address_count;
	bool default_ipv4, default_ipv6; /* The default route goes this way. */
	bool bridge;                     /* Its addresses are mostly for guests. */
};

/* Absolute values since the agent gave the session its place in the kernel.  'epoch' changes when they start
 * anew, so the controller keeps the largest per epoch and adds epochs: nothing is counted twice or lost. */
struct report_session {
	struct resource_id id;
	uint64_t epoch;
	bool active;     /* The source's device is there and watched. */
	char reason[96]; /* Why not, or what is amiss all the same; else empty. */
	struct session_counters counters;
};

/* How often the program had to be put back on a device, since the agent started; and the last time. */
struct report_reattachments {
	uint64_t count;
	int64_t last; /* Milliseconds since the epoch. */
	char device[DEVICE_NAME_SIZE];
	char reason[96];
};

/* What the host found out about an appliance of a fleet that it sends to. */
struct report_member {
	char fleet[FLEET_ID_SIZE];
	char id[FLEET_MEMBER_ID_SIZE];
	uint16_t port;
	enum member_state state;
	enum member_reason reason;
};

/* The flows of a fleet; 'moved' and 'evicted' count since the agent started. */
struct report_fleet {
	char id[FLEET_ID_SIZE];
	uint64_t flows;   /* Held now; no number is beyond REPORT_FLOWS_MAX. */
	uint64_t moved;   /* Given to another appliance while they were alive. */
	uint64_t evicted; /* Forgotten while they were alive, because the table was full. */
};

/* The flows that a host still holds to a member that is drained. */
struct report_hold {
	char fleet[FLEET_ID_SIZE];
	char id[FLEET_MEMBER_ID_SIZE];
	uint16_t port;
	uint64_t flows; /* At most REPORT_FLOWS_MAX. */
};

struct report {
	char version[VERSION_SIZE]; /* Of the agent. */
	unsigned int protocol;      /* That the agent speaks (wire/host.h); not part of the text. */
	char kernel[96];
	uint64_t applied_revision;
	struct report_reattachments reattachments;
	bool whole; /* All sessions and members are told; else those that changed. */
	bool has_inventory; /* 'interfaces' is the whole list now; else it was left out because nothing changed. */
	struct report_interface *interfaces;
	size_t interface_count, interface_capacity;
	struct report_session *sessions;
	size_t session_count, session_capacity;
	struct report_member *members; /* By fleet, id and port. */
	size_t member_count, member_capacity;
	struct report_fleet *fleets; /* All in the plan, every time. */
	size_t fleet_count, fleet_capacity;
	struct report_hold *holds; /* All that there are, every time. */
	size_t hold_count, hold_capacity;
};

void report_fini(struct report *report);

/* The order of members in a report. */
int report_member_compare(const struct report_member *left, const struct report_member *right);

/* As in "ring_full": the key in reports, and what status displays build upon. */
const char *loss_reason_name(enum loss_reason reason);

/* JSON text, the caller's to free.  Returns 0, -EILSEQ for a text that is not presentable, or -ENOMEM. */
int report_encode(const struct report *report, char **ret_json);
/* Returns 0, REFUSED with the reason, or -ENOMEM; 'ret_report' is finished by the caller in every case. */
int report_decode(const char *json, size_t size, struct report *ret_report, struct refusal *why);
