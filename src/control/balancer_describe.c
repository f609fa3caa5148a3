// SPDX-License-Identifier: Apache-2.0
/* What can be asked of load balancers; balancer.h declares it. */
#include "base/array.h"
#include "base/text.h"
#include "control/arn.h"
#include "control/balancer_check.h"
#include "control/describe.h"
#include "control/state.h"
#include "store/balancer.h"
#include "store/store.h"

static int balancers_select(struct describe *describe, const char *after,
			    struct cursor **ret_cursor);
static int balancers_next(struct describe *describe, struct cursor *cursor, void *record);
static int balancers_find(struct describe *describe, const char *id, void *record,
			  struct refusal *why);
static int balancers_complete(struct describe *describe, void *record);
static void balancers_key(const void *record, struct text *ret_key);
static int add_named(struct control *control, const struct caller *caller, const char *name,
		     struct balancer_page *page, struct refusal *why);
static void nothing_fini(struct balancer_record *record);

static const struct noun balancers = {
	.name = "balancers",
	.record_size = sizeof(struct balancer_record),
	.smallest_page = 1,
	.select = balancers_select,
	.next = balancers_next,
	.find = balancers_find,
	.complete = balancers_complete,
	.key = balancers_key,
};

DEFINE_PAGE_FINI(struct balancer_page, balancer_page_fini, nothing_fini)

int control_describe_balancers(struct control *control, const struct caller *caller,
			       const struct query *query, struct balancer_page *ret_page,
			       struct refusal *why)
{
	struct describe describe = {control, caller, &balancers, query};
	struct page page;
	int r = describe_run(&describe, &page, why);

	if (r == 0)
		PAGE_TAKE(ret_page, page);
	return r;
}

int control_find_balancers(struct control *control, const struct caller *caller,
			   const char *const *names, size_t count, struct balancer_page *ret_page,
			   struct refusal *why)
{
	_cleanup_(balancer_page_fini) struct balancer_page page = {};
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++)
		r = string_is_among(names[i], names, i)
			    ? 0
			    : add_named(control, caller, names[i], &page, why);
	if (r != 0)
		return r;
	*ret_page = page;
	page = (struct balancer_page){};
	return 0;
}

static int balancers_select(struct describe *describe, const char *after,
			    struct cursor **ret_cursor)
{
	return store_select_balancers(describe->control->store, describe->caller->account.text,
				      after, ret_cursor);
}

static int balancers_next(struct describe *describe _unused_, struct cursor *cursor, void *record)
{
	return store_next_balancer(cursor, &((struct balancer_record *)record)->balancer);
}

static int balancers_find(struct describe *describe, const char *id, void *record,
			  struct refusal *why)
{
	return find_balancer(describe->control, describe->caller, id,
			     &((struct balancer_record *)record)->balancer, why);
}

static int balancers_complete(struct describe *describe, void *record)
{
	return balancer_load_address(describe->control, record);
}

static void balancers_key(const void *record, struct text *ret_key)
{
	text_append(ret_key, ((const struct balancer_record *)record)->balancer.arn.text);
}

/* A network and a gateway load balancer may have the same name. */
static int add_named(struct control *control, const struct caller *caller, const char *name,
		     struct balancer_page *page, struct refusal *why)
{
	const size_t before = page->count;
	int r = 0;

	for (enum balancer_type type = BALANCER_NETWORK; r == 0 && type <= BALANCER_GATEWAY;
	     type++) {
		struct balancer_record record = {};

		r = store_find_balancer(control->store, caller->account.text, type, name,
					&record.balancer);
		if (r == STORE_MISSING) {
			r = 0;
			continue;
		}
		if (r == 0)
			r = balancer_load_address(control, &record);
		if (r == 0)
			r = array_append(page, items, count, capacity, record);
	}
	if (r == 0 && page->count == before)
		return refuse(why, REFUSE_LOAD_BALANCER_NOT_FOUND,
			      "The load balancer '%.64s' does not exist", name);
	return r;
}

static void nothing_fini(struct balancer_record *record _unused_)
{
}
