/* A plan joins source, filter, target and session into what one host must do.
 *
 * The controller computes it from the store; the agent keeps the last one on disk and makes the kernel match it.
 * It travels as JSON (plan_json.c), whose keys are the contract between controllers and agents of neighbouring
 * versions: a reader ignores keys it does not know. */
#pragma once

#include "base/cleanup.h"
#include "mirror/filter.h"
#include "mirror/fleet.h"
#include "mirror/session.h"
#include "mirror/target.h"

struct refusal;

#define PLAN_SIZE_MAX      (64 << 20) /* Bytes of JSON. */
#define PLAN_SOURCES_MAX   10000
#define PLAN_FILTERS_MAX   10000
#define PLAN_TARGETS_MAX   10000
#define PLAN_SESSIONS_MAX  10000
#define PLAN_RESOLVERS_MAX 16
#define PLAN_FLEETS_MAX    1000
#define PLAN_MEMBERS_MAX   10000 /* Of all fleets together; a fleet itself is smaller. */

/* A source of this host that has at least one session. */
struct plan_source {
	struct resource_id id;
	char device[DEVICE_NAME_SIZE];
	enum orientation orientation; /* AUTOMATIC: as the agent finds it. */
	struct address
		address; /* Its first IPv4 address, which copies to a gateway seem to come from. */
};

/* The endpoint of a Gateway Load Balancer through which copies go to a fleet: each is a VXLAN packet to the
 * endpoint's address, inside of GENEVE that names the endpoint. */
struct plan_gateway {
	uint64_t endpoint;   /* The number in its vpce- id; 0: none. */
	uint64_t attachment; /* What the appliance's side calls it. */
	struct address address;
};

/* A target that a session of this host sends to, resolved to an address. */
struct plan_target {
	struct resource_id id;
	bool reachable;         /* False: nothing stands behind the target any more. */
	struct address address; /* Of the appliance. */
	uint16_t port;          /* UDP; 4789 unless asked otherwise. */
	/* Of a load balancer 'reachable' is false, also for agents that know no fleets, and there is no address: each
	 * session has its fleet. */
	struct plan_gateway gateway;
};

struct plan_session {
	struct resource_id id;
	struct resource_id source, filter, target;
	uint16_t number;
	uint32_t vni;
	uint16_t packet_length; /* 0: whole packets. */
	/* Behind the load balancer's listener on the session's port, which sessions of one target may choose differently.
	 * Empty: none, and the target alone says where copies go. */
	char fleet[FLEET_ID_SIZE];
	bool crowded_out; /* It would have a fleet, for which the plan has no room. */
	struct session_options options;
};

struct plan {
	uint64_t revision;         /* Grows with every change that concerns this host. */
	struct address *resolvers; /* Of the network service "amazon-dns". */
	size_t resolver_count, resolver_capacity;
	struct plan_source *sources; /* Sorted by id, as filters and targets are. */
	size_t source_count, source_capacity;
	struct filter *
		filters; /* Only id, services and rules (with number, direction and match) are filled. */
	size_t filter_count, filter_capacity;
	struct plan_target *targets;
	size_t target_count, target_capacity;
	struct fleet *fleets; /* Sorted by id. */
	size_t fleet_count, fleet_capacity;
	struct plan_session *sessions; /* Sorted by source, then number. */
	size_t session_count, session_capacity;
};

void plan_fini(struct plan *plan);
void plan_free(struct plan *plan);
DEFINE_CLEANUP(struct plan *, plan_free)

/* Brings everything into the order stated above.  Who fills a plan by hand calls it before anything below; a
 * decoded plan is sorted already. */
void plan_sort(struct plan *plan);

const struct plan_source *plan_find_source(const struct plan *plan, const struct resource_id *id);
const struct filter *plan_find_filter(const struct plan *plan, const struct resource_id *id);
const struct plan_target *plan_find_target(const struct plan *plan, const struct resource_id *id);
const struct fleet *plan_find_fleet(const struct plan *plan, const char *id);

/* Calls for each address and UDP port that copies of this host go to; some may come twice.  Stops when 'visit' does not return 0, and
 * returns that. */
int plan_visit_appliances(const struct plan *plan,
			  int (*visit)(void *context, const struct address *address, uint16_t port),
			  void *context);

/* The UDP port that a session's copies go to: its own, its encapsulation's, or the target's. */
uint16_t plan_session_port(const struct plan_session *session, const struct plan_target *target);

/* Takes out the sessions that are over at 'now', in seconds since the epoch.  Returns how many, and when the next one
 * will be; 0: none. */
size_t plan_end_sessions(struct plan *plan, int64_t now, int64_t *ret_next);

/* The sessions of a source lie side by side; returns the first and how many, or NULL and 0. */
const struct plan_session *plan_find_sessions(const struct plan *plan,
					      const struct resource_id *source, size_t *ret_count);

/* JSON text, the caller's to free.  Returns 0, -EILSEQ for a text that is not presentable, or -ENOMEM. */
int plan_encode(const struct plan *plan, char **ret_json);

/* Accepts only a plan that holds together: every reference resolves, every number is in its range.
 * Returns 0, REFUSED with the reason, or -ENOMEM. */
int plan_decode(const char *json, size_t size, struct plan **ret_plan, struct refusal *why);
