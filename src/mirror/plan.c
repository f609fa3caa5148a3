// SPDX-License-Identifier: Apache-2.0
/* Lookups are binary searches: the arrays of a plan are sorted, and each of sources, filters, targets and fleets starts
 * with its id, which is text. */
#include "mirror/plan.h"

#include "wire/geneve.h"

#include <string.h>

static int id_compare(const void *a, const void *b);
static int rule_compare(const void *a, const void *b);
static int session_compare(const void *a, const void *b);
static void sort(void *items, size_t count, size_t size,
		 int (*compare)(const void *, const void *));
static const void *find(const void *items, size_t count, size_t size, const char *id);

_Static_assert(offsetof(struct plan_source, id) == 0, "id_compare() takes an element for its id");
_Static_assert(offsetof(struct filter, id) == 0, "id_compare() takes an element for its id");
_Static_assert(offsetof(struct plan_target, id) == 0, "id_compare() takes an element for its id");
_Static_assert(offsetof(struct fleet, id) == 0, "id_compare() takes an element for its id");
_Static_assert(offsetof(struct resource_id, text) == 0, "id_compare() takes an id for its text");

void plan_fini(struct plan *plan)
{
	for (size_t i = 0; i < plan->filter_count; i++)
		filter_fini(&plan->filters[i]);
	for (size_t i = 0; i < plan->fleet_count; i++)
		fleet_fini(&plan->fleets[i]);
	free(plan->fleets);
	free(plan->resolvers);
	free(plan->sources);
	free(plan->filters);
	free(plan->targets);
	free(plan->sessions);
	*plan = (struct plan){};
}

void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	plan_fini(plan);
	free(plan);
}

void plan_sort(struct plan *plan)
{
	sort(plan->sources, plan->source_count, sizeof(*plan->sources), id_compare);
	sort(plan->filters, plan->filter_count, sizeof(*plan->filters), id_compare);
	sort(plan->targets, plan->target_count, sizeof(*plan->targets), id_compare);
	sort(plan->fleets, plan->fleet_count, sizeof(*plan->fleets), id_compare);
	sort(plan->sessions, plan->session_count, sizeof(*plan->sessions), session_compare);
	for (size_t i = 0; i < plan->filter_count; i++)
		sort(plan->filters[i].rules, plan->filters[i].rule_count,
		     sizeof(*plan->filters[i].rules), rule_compare);
	for (size_t i = 0; i < plan->fleet_count; i++)
		fleet_sort(&plan->fleets[i]);
}

const struct plan_source *plan_find_source(const struct plan *plan, const struct resource_id *id)
{
	return find(plan->sources, plan->source_count, sizeof(*plan->sources), id->text);
}

const struct filter *plan_find_filter(const struct plan *plan, const struct resource_id *id)
{
	return find(plan->filters, plan->filter_count, sizeof(*plan->filters), id->text);
}

const struct plan_target *plan_find_target(const struct plan *plan, const struct resource_id *id)
{
	return find(plan->targets, plan->target_count, sizeof(*plan->targets), id->text);
}

const struct fleet *plan_find_fleet(const struct plan *plan, const char *id)
{
	return find(plan->fleets, plan->fleet_count, sizeof(*plan->fleets), id);
}

int plan_visit_appliances(const struct plan *plan,
			  int (*visit)(void *context, const struct address *address, uint16_t port),
			  void *context)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < plan->target_count; i++)
		if (plan->targets[i].reachable)
			r = visit(context, &plan->targets[i].address, plan->targets[i].port);
	for (size_t i = 0; r == 0 && i < plan->session_count; i++) {
		const struct plan_session *session = &plan->sessions[i];
		const struct plan_target *target = plan_find_target(plan, &session->target);

		if (target && target->reachable)
			r = visit(context, &target->address, plan_session_port(session, target));
	}
	for (size_t i = 0; r == 0 && i < plan->fleet_count; i++)
		for (size_t j = 0; r == 0 && j < plan->fleets[i].member_count; j++)
			r = visit(context, &plan->fleets[i].members[j].address,
				  plan->fleets[i].members[j].port);
	return r;
}

uint16_t plan_session_port(const struct plan_session *session, const struct plan_target *target)
{
	if (session->options.outer_port != 0)
		return session->options.outer_port;
	return session->options.encapsulation == ENCAPSULATION_GENEVE ? GENEVE_PORT : target->port;
}

size_t plan_end_sessions(struct plan *plan, int64_t now, int64_t *ret_next)
{
	size_t kept = 0, ended;
	int64_t next = 0;

	for (size_t i = 0; i < plan->session_count; i++) {
		int64_t expires = plan->sessions[i].options.expires;

		if (expires != 0 && expires <= now)
			continue;
		if (expires != 0 && (next == 0 || expires < next))
			next = expires;
		plan->sessions[kept++] = plan->sessions[i];
	}
	ended = plan->session_count - kept;
	plan->session_count = kept;
	*ret_next = next;
	return ended;
}

const struct plan_session *plan_find_sessions(const struct plan *plan,
					      const struct resource_id *source, size_t *ret_count)
{
	size_t low = 0, high = plan->session_count, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(plan->sessions[middle].source.text, source->text) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	end = low;
	while (end < plan->session_count && resource_id_equal(&plan->sessions[end].source, source))
		end++;
	*ret_count = end - low;
	return end > low ? &plan->sessions[low] : NULL;
}

static int id_compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int rule_compare(const void *a, const void *b)
{
	return filter_rule_compare(a, b);
}

static int session_compare(const void *a, const void *b)
{
	const struct plan_session *left = a, *right = b;
	int order = id_compare(&left->source, &right->source);

	return order != 0 ? order : (int)left->number - (int)right->number;
}

/* qsort() and bsearch() want a valid pointer even for no elements. */
static void sort(void *items, size_t count, size_t size, int (*compare)(const void *, const void *))
{
	if (count > 1)
		qsort(items, count, size, compare);
}

static const void *find(const void *items, size_t count, size_t size, const char *id)
{
	return count > 0 ? bsearch(id, items, count, size, id_compare) : NULL;
}
