// SPDX-License-Identifier: Apache-2.0
/* The order matters in one place: a session's route must be known to the shipper before the first packet is
 * captured for it.  capture_apply() calls back between giving out slots and using them, and that is when the routes are
 * replaced. */
#include "agent/mirroring.h"

#include "agent/appliances.h"
#include "agent/peeks.h"
#include "agent/watch.h"
#include "base/array.h"
#include "base/clock.h"
#include "base/count.h"
#include "base/log.h"
#include "base/refusal.h"
#include "base/text.h"
#include "capture/patience.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#define FIRST_INVENTORY_TRIES 200
#define FIRST_INVENTORY_PAUSE (20 * NSEC_PER_MSEC)

/* Why a device of the plan is not being watched. */
struct device_fault {
	int ifindex;
	int error; /* Positive errno. */
};

struct fault_list {
	struct device_fault *items;
	size_t count, capacity;
};

struct device_list {
	struct capture_device *items;
	size_t count, capacity;
};

struct route_list {
	struct ship_route *items;
	size_t count, capacity;
};

/* A session of the plan and its place in the kernel. */
struct placed_session {
	const struct plan_session *session;
	const struct capture_slot *slot; /* NULL: none. */
};

struct mirroring {
	struct capture *capture;
	struct ship *ship;
	struct health *health;
	struct inventory inventory;
	struct plan *plan; /* NULL before the first.  Without sessions that are over. */
	uint64_t applied;  /* Revision of the last plan that was applied to the last device. */
	int64_t next_end;  /* Of a session, in seconds since the epoch; 0: none. */
	struct fault_list faults; /* Of the last apply. */
	struct fault_list known;  /* Of the one before, which were said already. */
	bool incomplete;          /* Something could not be applied. */
	struct patience patience; /* With that. */
	struct watch watch;
	struct peeks peeks;
};

static int open_ship(struct mirroring *mirroring, const struct mirroring_options *options,
		     struct refusal *why);
static void check_appliances(struct mirroring *mirroring);
static void ship_health(void *context, const struct health_opinion *opinion);
static int read_first_inventory(struct inventory *ret_inventory);
static size_t end_sessions(struct mirroring *mirroring, int64_t now);
static uint64_t time_until(int64_t seconds, int64_t now);
static void apply(struct mirroring *mirroring);
static void note_applied(struct mirroring *mirroring);
static int find_devices(const struct mirroring *mirroring, struct device_list *ret_devices);
static void replace_routes(void *context);
static void faults_begin(struct mirroring *mirroring);
static void note_fault(void *context, int ifindex, int error);
static void note_disturbance(void *context, const struct capture_disturbance *disturbance);
static int place_sessions(const struct mirroring *mirroring, struct placed_session **ret_placed);
static int report_session(const struct mirroring *mirroring, const struct placed_session *placed,
			  struct report *report);
static int report_fleet(const struct mirroring *mirroring, const struct fleet *fleet,
			struct report *report);
static int report_hold(const struct mirroring *mirroring, const struct fleet *fleet,
		       const struct fleet_member *member, struct report *report);

int mirroring_open(const struct mirroring_options *options, struct mirroring **ret_mirroring,
		   struct refusal *why)
{
	_cleanup_(mirroring_freep) struct mirroring *mirroring = calloc(1, sizeof(*mirroring));
	int r;

	if (!mirroring)
		return -ENOMEM;
	r = capture_open(&options->capture, &mirroring->capture, why);
	if (r != 0)
		return r;
	r = open_ship(mirroring, options, why);
	if (r != 0)
		return r;
	r = health_new(options->capture.mark, &mirroring->health);
	if (r < 0)
		return r;
	r = read_first_inventory(&mirroring->inventory);
	if (r < 0)
		return r;
	*ret_mirroring = TAKE_PTR(mirroring);
	return 0;
}

void mirroring_free(struct mirroring *mirroring)
{
	if (!mirroring)
		return;
	health_free(mirroring->health);
	ship_free(mirroring->ship);
	capture_free(mirroring->capture);
	inventory_fini(&mirroring->inventory);
	plan_free(mirroring->plan);
	free(mirroring->faults.items);
	free(mirroring->known.items);
	watch_fini(&mirroring->watch);
	peeks_fini(&mirroring->peeks);
	free(mirroring);
}

void mirroring_set_plan(struct mirroring *mirroring, struct plan *plan)
{
	bool first = !mirroring->plan;

	plan_free(mirroring->plan);
	mirroring->plan = plan;
	(void)end_sessions(mirroring, clock_realtime());
	apply(mirroring);
	check_appliances(mirroring);
	/* The first plan tells to whom the records belong that an earlier agent left behind: only now ship them. */
	if (first && ship_start(mirroring->ship) < 0)
		log_error("cannot start the shipping threads");
	if (first && health_start(mirroring->health) < 0)
		log_error("cannot start the thread that checks appliances");
}

bool mirroring_end_sessions(struct mirroring *mirroring, int64_t now, uint64_t *ret_left)
{
	bool ended = mirroring->next_end != 0 && mirroring->next_end <= now / 1000 &&
		     end_sessions(mirroring, now) > 0;

	if (ended) {
		apply(mirroring);
		check_appliances(mirroring);
	}
	*ret_left = mirroring->next_end == 0 ? UINT64_MAX
					     : time_until(mirroring->next_end, now) * NSEC_PER_MSEC;
	return ended;
}

int mirroring_refresh(struct mirroring *mirroring)
{
	_cleanup_(inventory_fini) struct inventory inventory = {};
	bool changed;
	int r = inventory_read(&inventory);

	if (r < 0)
		return r;
	changed = !inventory_equal(&inventory, &mirroring->inventory);
	inventory_fini(&mirroring->inventory);
	mirroring->inventory = inventory;
	inventory = (struct inventory){};
	/* A device that was deleted and made again at once looks the same but has another index. */
	apply(mirroring);
	ship_refresh(mirroring->ship);
	return changed;
}

bool mirroring_guard(struct mirroring *mirroring, bool everything, uint64_t now, uint64_t *ret_due)
{
	const struct capture_events events = {
		.context = mirroring,
		.failed = note_fault,
		.disturbed = note_disturbance,
	};
	uint64_t before = mirroring->watch.reattachments.count;
	bool behind = capture_is_behind(mirroring->capture);

	if (mirroring->incomplete && patience_try(&mirroring->patience, now))
		apply(mirroring);
	capture_guard(mirroring->capture, everything, now, &events, ret_due);
	if (mirroring->incomplete)
		*ret_due = MIN(*ret_due, mirroring->patience.next);
	note_applied(mirroring);
	return mirroring->watch.reattachments.count != before ||
	       (behind && !capture_is_behind(mirroring->capture));
}

uint64_t mirroring_get_guard_interval(const struct mirroring *mirroring)
{
	return capture_get_guard_interval(mirroring->capture);
}

void mirroring_suspect(struct mirroring *mirroring, int ifindex)
{
	capture_suspect(mirroring->capture, ifindex);
}

int mirroring_watch_pins(const struct mirroring *mirroring, int inotify)
{
	return capture_watch_pins(mirroring->capture, inotify);
}

int mirroring_get_health_descriptor(const struct mirroring *mirroring)
{
	return health_get_descriptor(mirroring->health);
}

bool mirroring_take_health(struct mirroring *mirroring)
{
	bool news = appliances_take_news(mirroring->health);

	if (news)
		replace_routes(mirroring);
	return news;
}

int mirroring_report(const struct mirroring *mirroring, bool with_inventory,
		     struct report *ret_report)
{
	_cleanup_(report_fini) struct report report = {.has_inventory = with_inventory};
	_cleanup_free_ struct placed_session *placed = NULL;
	struct utsname kernel;
	int r = 0;

	if (uname(&kernel) == 0)
		(void)snprintf(report.kernel, sizeof(report.kernel), "%.16s %.64s", kernel.sysname,
			       kernel.release);
	report.applied_revision = mirroring->applied;
	report.reattachments = mirroring->watch.reattachments;
	for (size_t i = 0; with_inventory && i < mirroring->inventory.count && r == 0; i++)
		r = array_append(&report, interfaces, interface_count, interface_capacity,
				 mirroring->inventory.devices[i].interface);
	if (r == 0 && mirroring->plan)
		r = place_sessions(mirroring, &placed);
	for (size_t i = 0; placed && i < mirroring->plan->session_count && r == 0; i++)
		r = report_session(mirroring, &placed[i], &report);
	for (size_t i = 0; mirroring->plan && i < mirroring->plan->fleet_count && r == 0; i++)
		r = report_fleet(mirroring, &mirroring->plan->fleets[i], &report);
	if (r == 0)
		r = appliances_report(mirroring->health, &report);
	if (r < 0)
		return r;
	*ret_report = report;
	report = (struct report){};
	return 0;
}

void mirroring_set_peeks(struct mirroring *mirroring, const struct peek_wishes *wishes)
{
	int r = peeks_set(&mirroring->peeks, wishes);

	if (r > 0 && mirroring->plan)
		replace_routes(mirroring);
	if (r < 0)
		log_limited(LOG_LEVEL_ERROR, "cannot show packets of %zu sessions: %s",
			    wishes->item_count, strerror(-r));
}

int mirroring_collect_packets(struct mirroring *mirroring, struct peek_batch *batch)
{
	return peeks_collect(&mirroring->peeks, batch);
}

static int open_ship(struct mirroring *mirroring, const struct mirroring_options *options,
		     struct refusal *why)
{
	_cleanup_free_ struct ship_ring *rings = NULL;
	const struct capture_ring *captured;
	struct ship_options ship = {
		.thread_count = options->thread_count,
		.counters = capture_get_ship_counters(mirroring->capture),
		.slot_limit = capture_slot_limit(mirroring->capture),
		.mark = options->capture.mark,
		.port_base = options->port_base,
	};

	captured = capture_get_rings(mirroring->capture, &ship.ring_count);
	rings = calloc(ship.ring_count, sizeof(*rings));
	if (!rings)
		return -ENOMEM;
	for (size_t i = 0; i < ship.ring_count; i++)
		rings[i] = (struct ship_ring){captured[i].data, captured[i].bell, captured[i].size,
					      captured[i].head};
	ship.rings = rings;
	return ship_open(&ship, &mirroring->ship, why);
}

static void check_appliances(struct mirroring *mirroring)
{
	int r = appliances_check(mirroring->health, mirroring->plan);

	if (r < 0)
		log_error("cannot check the appliances of plan %llu: %s",
			  (unsigned long long)mirroring->plan->revision, strerror(-r));
}

static void ship_health(void *context, const struct health_opinion *opinion)
{
	struct mirroring *mirroring = context;

	(void)ship_set_health(mirroring->ship, opinion->fleet, opinion->member->id,
			      opinion->member->port, opinion->state);
}

/* Nothing can be applied without knowing the devices, least of all a plan that an earlier agent applied; so while they change
 * faster than they can be listed, they are listed again. */
static int read_first_inventory(struct inventory *ret_inventory)
{
	int r = inventory_read(ret_inventory);

	for (int i = 0; r == -EINTR && i < FIRST_INVENTORY_TRIES; i++) {
		clock_sleep(FIRST_INVENTORY_PAUSE);
		r = inventory_read(ret_inventory);
	}
	return r;
}

/* Takes sessions that are over out of the plan.  Returns how many. */
static size_t end_sessions(struct mirroring *mirroring, int64_t now)
{
	size_t ended = plan_end_sessions(mirroring->plan, now / 1000, &mirroring->next_end);

	if (ended > 0)
		log_info("%zu sessions ended, as their time is over", ended);
	return ended;
}

/* Milliseconds, at most an hour: the clock may be set in between. */
static uint64_t time_until(int64_t seconds, int64_t now)
{
	int64_t left = seconds - now / 1000;

	return left > 3600 ? 3600 * 1000 : (uint64_t)MAX(seconds * 1000 - now, 0);
}

static void apply(struct mirroring *mirroring)
{
	_cleanup_free_ struct capture_device *owned = NULL;
	struct device_list devices = {};
	const struct capture_events events = {
		.context = mirroring,
		.ready = replace_routes,
		.failed = note_fault,
		.disturbed = note_disturbance,
	};
	int r;

	if (!mirroring->plan)
		return;
	faults_begin(mirroring);
	mirroring->incomplete = false;
	r = find_devices(mirroring, &devices);
	owned = devices.items;
	if (r == 0)
		r = watch_note_devices(&mirroring->watch, mirroring->plan, devices.items,
				       devices.count, clock_monotonic());
	if (r == 0)
		r = capture_apply(mirroring->capture, mirroring->plan, devices.items, devices.count,
				  &events);
	note_applied(mirroring);
	if (r == 0)
		return;
	mirroring->incomplete = true;
	log_limited(LOG_LEVEL_ERROR, "cannot apply plan %llu: %s",
		    (unsigned long long)mirroring->plan->revision, strerror(-r));
}

/* What fails on a device does not count: it is said of each session. */
static void note_applied(struct mirroring *mirroring)
{
	if (mirroring->plan && !capture_is_behind(mirroring->capture))
		mirroring->applied = mirroring->plan->revision;
}

/* The plan's sources whose devices exist now, in the plan's order. */
static int find_devices(const struct mirroring *mirroring, struct device_list *ret_devices)
{
	const struct plan *plan = mirroring->plan;

	for (size_t i = 0; i < plan->source_count; i++) {
		const struct plan_source *source = &plan->sources[i];
		const struct inventory_device *found =
			inventory_find(&mirroring->inventory, source->device);
		struct capture_device device;
		int r;

		if (!found)
			continue;
		device = (struct capture_device){
			.source = source->id,
			.ifindex = found->ifindex,
			.orientation = source->orientation != ORIENTATION_AUTOMATIC
					       ? source->orientation
					       : found->interface.orientation,
		};
		r = array_append(ret_devices, items, count, capacity, device);
		if (r < 0)
			return r;
	}
	return 0;
}

static int compare_placed(const void *a, const void *b)
{
	const struct placed_session *x = a, *y = b;

	return strcmp(x->session->id.text, y->session->id.text);
}

/* Joins the plan's sessions with the slots that the kernel's half gave them. */
static int place_sessions(const struct mirroring *mirroring, struct placed_session **ret_placed)
{
	const struct plan *plan = mirroring->plan;
	_cleanup_free_ struct placed_session *placed =
		calloc(plan->session_count + 1, sizeof(*placed));
	const struct capture_slot *slots;
	size_t slot_count;

	if (!placed)
		return -ENOMEM;
	for (size_t i = 0; i < plan->session_count; i++)
		placed[i].session = &plan->sessions[i];
	if (plan->session_count > 1)
		qsort(placed, plan->session_count, sizeof(*placed), compare_placed);
	slots = capture_get_slots(mirroring->capture, &slot_count);
	for (size_t i = 0; i < slot_count; i++) {
		const struct plan_session session = {.id = slots[i].session};
		const struct placed_session key = {.session = &session};
		struct placed_session *found =
			bsearch(&key, placed, plan->session_count, sizeof(*placed), compare_placed);

		if (found)
			found->slot = &slots[i];
	}
	*ret_placed = TAKE_PTR(placed);
	return 0;
}

static struct ship_gateway make_gateway(const struct plan_target *target,
					const struct plan_source *source)
{
	if (!target || target->gateway.endpoint == 0)
		return (struct ship_gateway){};
	return (struct ship_gateway){
		.endpoint = target->gateway.endpoint,
		.attachment = target->gateway.attachment,
		.address = target->gateway.address,
		.source = source ? source->address : (struct address){},
	};
}

static struct ship_route make_route(const struct mirroring *mirroring,
				    const struct placed_session *placed)
{
	const struct plan *plan = mirroring->plan;
	const struct plan_target *target = plan_find_target(plan, &placed->session->target);
	const struct plan_source *source = plan_find_source(plan, &placed->session->source);
	const struct session_options *options = &placed->session->options;
	bool balanced = placed->session->fleet[0] != '\0';

	return (struct ship_route){
		.slot = placed->slot->slot,
		.generation = placed->slot->generation,
		.vni = placed->session->vni,
		.packet_length = placed->session->packet_length,
		.reachable = target && target->reachable,
		.address = target ? target->address : (struct address){},
		.port = target ? plan_session_port(placed->session, target) : 0,
		.fleet = balanced ? placed->session->fleet : NULL,
		.gateway = make_gateway(target, source),
		.format = options->encapsulation == ENCAPSULATION_GENEVE ? SHIP_GENEVE : SHIP_VXLAN,
		.dscp = options->outer_dscp,
		.source = options->outer_source,
		.peephole = peeks_find(&mirroring->peeks, &placed->session->id),
	};
}

/* Copies go on by the old routes until new ones can be made, which is tried until it succeeds. */
static void replace_routes(void *context)
{
	struct mirroring *mirroring = context;
	_cleanup_free_ struct placed_session *placed = NULL;
	struct route_list routes = {};
	int r = place_sessions(mirroring, &placed);

	for (size_t i = 0; i < mirroring->plan->session_count && r == 0; i++)
		if (placed[i].slot)
			r = array_append(&routes, items, count, capacity,
					 make_route(mirroring, &placed[i]));
	if (r == 0)
		r = ship_set_fleets(mirroring->ship, mirroring->plan->fleets,
				    mirroring->plan->fleet_count);
	/* All that is known, whatever was said before: fleets may be new to the shipper only. */
	if (r == 0)
		health_visit(mirroring->health, ship_health, mirroring);
	if (r == 0)
		r = ship_apply(mirroring->ship, routes.items, routes.count);
	free(routes.items);
	mirroring->incomplete |= r != 0;
	if (r < 0)
		log_limited(LOG_LEVEL_ERROR,
			    "cannot hand the routes of %zu sessions to the shipper: %s",
			    mirroring->plan->session_count, strerror(-r));
}

static void faults_begin(struct mirroring *mirroring)
{
	struct fault_list known = mirroring->faults;

	mirroring->faults = mirroring->known;
	mirroring->faults.count = 0;
	mirroring->known = known;
}

static bool fault_is_listed(const struct fault_list *faults, const struct device_fault *fault)
{
	for (size_t i = 0; i < faults->count; i++)
		if (faults->items[i].ifindex == fault->ifindex &&
		    faults->items[i].error == fault->error)
			return true;
	return false;
}

static const char *device_name(const struct inventory *inventory, int ifindex)
{
	for (size_t i = 0; i < inventory->count; i++)
		if (inventory->devices[i].ifindex == ifindex)
			return inventory->devices[i].interface.device;
	return "that is gone";
}

/* The kernel is asked again and again; the fault is said when it is new. */
static void note_fault(void *context, int ifindex, int error)
{
	struct mirroring *mirroring = context;
	struct device_fault fault = {ifindex, error};

	mirroring->incomplete = true;
	if (fault_is_listed(&mirroring->faults, &fault))
		return;
	if (!fault_is_listed(&mirroring->known, &fault))
		log_warning("cannot watch device %s (index %d): %s",
			    device_name(&mirroring->inventory, ifindex), ifindex, strerror(error));
	(void)array_append(&mirroring->faults, items, count, capacity, fault);
}

static void note_disturbance(void *context, const struct capture_disturbance *disturbance)
{
	struct mirroring *mirroring = context;

	watch_note_disturbance(&mirroring->watch, disturbance,
			       device_name(&mirroring->inventory, disturbance->ifindex));
}

/* What is amiss with a source; an empty string: nothing.  Returns whether it is being watched all the same. */
static bool explain_source(const struct mirroring *mirroring, const struct plan_source *source,
			   char *ret_reason, size_t size)
{
	const struct inventory_device *device =
		inventory_find(&mirroring->inventory, source->device);
	enum capture_place place;

	ret_reason[0] = '\0';
	if (!device) {
		(void)snprintf(ret_reason, size, "device %s is not there", source->device);
		return false;
	}
	for (size_t i = 0; i < mirroring->faults.count; i++) {
		if (mirroring->faults.items[i].ifindex != device->ifindex)
			continue;
		(void)snprintf(ret_reason, size, "device %s cannot be watched: %s", source->device,
			       strerror(mirroring->faults.items[i].error));
		return false;
	}
	place = capture_get_place(mirroring->capture, device->ifindex);
	if (watch_explain_place(place))
		(void)snprintf(ret_reason, size, "device %s: %s", source->device,
			       watch_explain_place(place));
	return place < CAPTURE_GONE;
}

/* The kernel's counters and the shipper's are parts of one whole: each fills in what it alone knows. */
static void counters_add(struct session_counters *sum, const struct session_counters *part)
{
	__u64 *to = (__u64 *)sum;
	const __u64 *from = (const __u64 *)part;

	for (size_t i = 0; i < sizeof(*sum) / sizeof(*to); i++)
		to[i] += __atomic_load_n(&from[i], __ATOMIC_RELAXED);
}

static int report_session(const struct mirroring *mirroring, const struct placed_session *placed,
			  struct report *report)
{
	const struct plan_source *source =
		plan_find_source(mirroring->plan, &placed->session->source);
	const struct capture_slot *slot = placed->slot;
	struct report_session entry = {.id = placed->session->id};
	int r;

	entry.active = explain_source(mirroring, source, entry.reason, sizeof(entry.reason));
	if (!slot && entry.active)
		(void)snprintf(entry.reason, sizeof(entry.reason),
			       "the host has no room for more sessions");
	entry.active &= slot != NULL;
	if (placed->session->crowded_out) {
		entry.active = false;
		(void)snprintf(entry.reason, sizeof(entry.reason),
			       "the host sends to as many appliances as it can already");
	}
	if (slot) {
		entry.epoch = slot->epoch;
		r = capture_read_counters(mirroring->capture, slot->slot, &entry.counters);
		if (r < 0)
			return r;
		counters_add(&entry.counters,
			     capture_get_ship_counters(mirroring->capture) + slot->slot);
	}
	return array_append(report, sessions, session_count, session_capacity, entry);
}

static int report_fleet(const struct mirroring *mirroring, const struct fleet *fleet,
			struct report *report)
{
	struct report_fleet entry = {};
	struct ship_flows flows;
	int r = 0;

	if (!ship_count_flows(mirroring->ship, fleet->id, &flows))
		return 0;
	for (size_t i = 0; r == 0 && i < fleet->member_count; i++)
		r = report_hold(mirroring, fleet, &fleet->members[i], report);
	if (r < 0)
		return r;
	(void)string_copy(entry.id, sizeof(entry.id), fleet->id);
	entry.flows = flows.held;
	entry.moved = flows.moved;
	entry.evicted = flows.evicted;
	return array_append(report, fleets, fleet_count, fleet_capacity, entry);
}

/* The controller waits for the last flow of a member that is drained. */
static int report_hold(const struct mirroring *mirroring, const struct fleet *fleet,
		       const struct fleet_member *member, struct report *report)
{
	struct report_hold entry = {.port = member->port};

	if (!member->draining || report->hold_count == REPORT_MEMBERS_MAX)
		return 0;
	entry.flows = ship_count_held(mirroring->ship, fleet->id, member->id, member->port);
	if (entry.flows == 0)
		return 0;
	(void)string_copy(entry.fleet, sizeof(entry.fleet), fleet->id);
	(void)string_copy(entry.id, sizeof(entry.id), member->id);
	return array_append(report, holds, hold_count, hold_capacity, entry);
}
