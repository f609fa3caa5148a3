// SPDX-License-Identifier: Apache-2.0
/* What one host must do, read out of the store; host.h declares it.
 *
 * The host's sessions come first; then each source, filter and target that one of them leads to is added once,
 * and the fleets that find room (plan_fleets.c). */
#include "base/array.h"
#include "base/text.h"
#include "control/host.h"
#include "control/plan_fleets.h"
#include "control/resolve.h"
#include "control/state.h"
#include "store/filter.h"
#include "store/host.h"
#include "store/session.h"
#include "store/source.h"
#include "store/store.h"
#include "wire/vxlan.h"

#include <errno.h>
#include <string.h>

/* The ids that sessions name, each once. */
struct references {
	struct resource_id *ids;
	size_t count;
};

/* A session by where it goes. */
struct way {
	struct plan_session *session;
	uint16_t port;
};

static int plan_compute(struct control *control, const char *host, struct plan *plan);
static int resolvers_add(struct control *control, struct plan *plan);
static int sessions_add(struct control *control, const char *host, struct plan *plan);
static int sources_add(struct control *control, struct plan *plan);
static int filters_add(struct control *control, struct plan *plan);
static int targets_add(struct control *control, struct wanted_fleets *wanted, struct plan *plan);
static int way_note(const struct resolution *resolution, struct plan_session *session,
		    struct wanted_fleets *wanted);
static int way_compare(const void *a, const void *b);
static int references_collect(const struct plan *plan, size_t offset,
			      struct references *ret_references);
static void references_fini(struct references *references);
static int id_compare(const void *a, const void *b);
static void store_rollbackp(struct store **store);

int control_get_plan(struct control *control, const struct caller *caller, const char *host,
		     struct plan **ret_plan, struct refusal *why)
{
	_cleanup_(store_rollbackp) struct store *reading = NULL;
	_cleanup_(plan_freep) struct plan *plan = NULL;
	int r;

	plan = calloc(1, sizeof(*plan));
	if (!plan)
		return -ENOMEM;
	r = store_begin(control->store, STORE_READ);
	if (r < 0)
		return r;
	reading = control->store;
	r = control_get_revision(control, caller, host, &plan->revision, why);
	if (r == 0)
		r = plan_compute(control, host, plan);
	if (r != 0)
		return r;
	*ret_plan = TAKE_PTR(plan);
	return 0;
}

static int plan_compute(struct control *control, const char *host, struct plan *plan)
{
	_cleanup_(wanted_fleets_fini) struct wanted_fleets wanted = {};
	int r;

	r = resolvers_add(control, plan);
	if (r == 0)
		r = sessions_add(control, host, plan);
	if (r == 0)
		r = sources_add(control, plan);
	if (r == 0)
		r = filters_add(control, plan);
	if (r == 0)
		r = targets_add(control, &wanted, plan);
	if (r == 0)
		r = plan_add_fleets(control, &wanted, plan);
	if (r == 0)
		plan_sort(plan);
	return r;
}

static int resolvers_add(struct control *control, struct plan *plan)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < control->resolver_count; i++)
		r = array_append(plan, resolvers, resolver_count, resolver_capacity,
				 control->resolvers[i]);
	return r;
}

static int sessions_add(struct control *control, const char *host, struct plan *plan)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct session session;
	int r;

	r = store_select_sessions(control->store, SESSIONS_OF_HOST, host, "", &cursor);
	while (r >= 0 && (r = store_next_session(cursor, &session)) == STORE_ROW) {
		struct plan_session planned = {
			.id = session.id,
			.source = session.source,
			.filter = session.filter,
			.target = session.target,
			.number = session.number,
			.vni = session.vni,
			.packet_length = session.packet_length,
			.options = session.options,
		};

		r = array_append(plan, sessions, session_count, session_capacity, planned);
	}
	return r;
}

static int sources_add(struct control *control, struct plan *plan)
{
	_cleanup_(references_fini) struct references references = {};
	const struct address *address;
	struct source source;
	int r;

	r = references_collect(plan, offsetof(struct plan_session, source), &references);
	for (size_t i = 0; r == 0 && i < references.count; i++) {
		struct plan_source planned = {.id = references.ids[i]};

		r = store_get_source(control->store, planned.id.text, &source);
		if (r != 0)
			return r == STORE_MISSING ? -EBADMSG : r;
		memcpy(planned.device, source.device, sizeof(planned.device));
		planned.orientation = source.override;
		address = source_get_address(&source, 4);
		if (address)
			planned.address = *address;
		r = array_append(plan, sources, source_count, source_capacity, planned);
	}
	return r;
}

static int filters_add(struct control *control, struct plan *plan)
{
	_cleanup_(references_fini) struct references references = {};
	int r;

	r = references_collect(plan, offsetof(struct plan_session, filter), &references);
	for (size_t i = 0; r == 0 && i < references.count; i++) {
		struct filter filter = {};

		r = store_get_filter(control->store, references.ids[i].text, &filter);
		if (r != 0)
			return r == STORE_MISSING ? -EBADMSG : r;
		r = store_load_rules(control->store, &filter);
		if (r == 0)
			r = array_append(plan, filters, filter_count, filter_capacity, filter);
		if (r < 0)
			filter_fini(&filter);
	}
	return r;
}

/* Sessions that go to the same port of the same target go to the same place, which is looked for once. */
static int targets_add(struct control *control, struct wanted_fleets *wanted, struct plan *plan)
{
	_cleanup_free_ struct way *ways = calloc(plan->session_count + 1, sizeof(*ways));
	struct resolution resolution;
	int r = 0;

	if (!ways)
		return -ENOMEM;
	for (size_t i = 0; i < plan->session_count; i++)
		ways[i] = (struct way){
			.session = &plan->sessions[i],
			.port = plan_session_port(&plan->sessions[i],
						  &(struct plan_target){.port = VXLAN_PORT}),
		};
	qsort(ways, plan->session_count, sizeof(*ways), way_compare);
	for (size_t i = 0; r == 0 && i < plan->session_count; i++) {
		struct plan_session *session = ways[i].session;

		if (i == 0 || way_compare(&ways[i - 1], &ways[i]) != 0)
			r = session_resolve(control, session->target.text, &session->options, NULL,
					    &resolution);
		if (r == 0 &&
		    (i == 0 || !resource_id_equal(&ways[i - 1].session->target, &session->target)))
			r = array_append(plan, targets, target_count, target_capacity,
					 resolution.target);
		if (r == 0 && resolution.group[0] != '\0')
			r = way_note(&resolution, session, wanted);
	}
	return r;
}

static int way_note(const struct resolution *resolution, struct plan_session *session,
		    struct wanted_fleets *wanted)
{
	(void)string_copy(session->fleet, sizeof(session->fleet), resolution->group);
	return wanted_fleets_add(wanted, resolution->group, resolution->tcp_idle);
}

static int way_compare(const void *a, const void *b)
{
	const struct way *one = a, *other = b;
	int order = strcmp(one->session->target.text, other->session->target.text);

	return order != 0 ? order : (one->port > other->port) - (one->port < other->port);
}

static int references_collect(const struct plan *plan, size_t offset,
			      struct references *ret_references)
{
	struct resource_id *ids = calloc(plan->session_count + 1, sizeof(*ids));
	size_t count = 0;

	if (!ids)
		return -ENOMEM;
	for (size_t i = 0; i < plan->session_count; i++)
		memcpy(&ids[i], (const char *)&plan->sessions[i] + offset, sizeof(ids[i]));
	qsort(ids, plan->session_count, sizeof(*ids), id_compare);
	for (size_t i = 0; i < plan->session_count; i++)
		if (count == 0 || !resource_id_equal(&ids[i], &ids[count - 1]))
			ids[count++] = ids[i];
	*ret_references = (struct references){ids, count};
	return 0;
}

static void references_fini(struct references *references)
{
	free(references->ids);
}

static int id_compare(const void *a, const void *b)
{
	return strcmp(((const struct resource_id *)a)->text, ((const struct resource_id *)b)->text);
}

static void store_rollbackp(struct store **store)
{
	if (*store)
		store_rollback(*store);
}
