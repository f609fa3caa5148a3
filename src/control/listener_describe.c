// SPDX-License-Identifier: Apache-2.0
/* What can be asked of listeners; listener.h declares it. */
#include "base/text.h"
#include "control/arn.h"
#include "control/describe.h"
#include "control/listener.h"
#include "control/state.h"
#include "store/listener.h"

static int listeners_select(struct describe *describe, const char *after,
			    struct cursor **ret_cursor);
static int listeners_next(struct describe *describe, struct cursor *cursor, void *record);
static int listeners_find(struct describe *describe, const char *id, void *record,
			  struct refusal *why);
static void listeners_key(const void *record, struct text *ret_key);
static void nothing_fini(struct listener *listener);

static const struct noun listeners = {
	.name = "listeners",
	.record_size = sizeof(struct listener),
	.smallest_page = 1,
	.select = listeners_select,
	.next = listeners_next,
	.find = listeners_find,
	.key = listeners_key,
};

DEFINE_PAGE_FINI(struct listener_page, listener_page_fini, nothing_fini)

int control_describe_listeners(struct control *control, const struct caller *caller,
			       const char *balancer, const struct query *query,
			       struct listener_page *ret_page, struct refusal *why)
{
	struct describe describe = {control, caller, &listeners, query, .scope = balancer};
	struct balancer found;
	struct page page;
	int r = 0;

	if (balancer)
		r = find_balancer(control, caller, balancer, &found, why);
	if (r == 0)
		r = describe_run(&describe, &page, why);
	if (r == 0)
		PAGE_TAKE(ret_page, page);
	return r;
}

static int listeners_select(struct describe *describe, const char *after,
			    struct cursor **ret_cursor)
{
	struct store *store = describe->control->store;

	if (describe->scope)
		return store_select_listeners(store, LISTENERS_OF_BALANCER, describe->scope, after,
					      ret_cursor);
	return store_select_listeners(store, LISTENERS_OF_OWNER, describe->caller->account.text,
				      after, ret_cursor);
}

static int listeners_next(struct describe *describe _unused_, struct cursor *cursor, void *record)
{
	return store_next_listener(cursor, record);
}

static int listeners_find(struct describe *describe, const char *id, void *record,
			  struct refusal *why)
{
	return find_listener(describe->control, describe->caller, id, record, why);
}

static void listeners_key(const void *record, struct text *ret_key)
{
	text_append(ret_key, ((const struct listener *)record)->arn.text);
}

static void nothing_fini(struct listener *listener _unused_)
{
}
