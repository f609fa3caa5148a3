// SPDX-License-Identifier: Apache-2.0
/* One sorted array: looked through by halving, and an account's rows lie side by side. */
#include "api/tally.h"

#include "base/count.h"
#include "base/text.h"
#include "mirror/refusals.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct tally {
	pthread_mutex_t lock;
	struct tally_row rows[TALLY_ROWS];
	size_t count;
	uint64_t unlisted;
	int64_t since;
};

static const struct {
	int code;
	enum quota reason;
} reasons[] = {
	{REFUSE_TOO_MANY_REQUESTS, TALLY_THROTTLED},
	{REFUSE_SESSION_LIMIT, QUOTA_SESSIONS},
	{REFUSE_TARGET_LIMIT, QUOTA_TARGETS},
	{REFUSE_FILTER_LIMIT, QUOTA_FILTERS},
	{REFUSE_FILTER_RULE_LIMIT, QUOTA_RULES_PER_FILTER},
	{REFUSE_SESSIONS_PER_SOURCE_LIMIT, QUOTA_SESSIONS_PER_SOURCE},
	{REFUSE_SOURCES_PER_TARGET_LIMIT, QUOTA_SOURCES_PER_TARGET},
	{REFUSE_INTERFACE_LIMIT, QUOTA_REGISTERED_INTERFACES},
	{REFUSE_ENDPOINT_SERVICE_LIMIT, QUOTA_ENDPOINT_SERVICES},
	{REFUSE_ENDPOINT_LIMIT, QUOTA_ENDPOINTS},
	{REFUSE_NETWORK_BALANCER_LIMIT, QUOTA_NETWORK_BALANCERS},
	{REFUSE_GATEWAY_BALANCER_LIMIT, QUOTA_GATEWAY_BALANCERS},
	{REFUSE_LISTENER_LIMIT, QUOTA_LISTENERS_PER_BALANCER},
	{REFUSE_TARGET_GROUP_LIMIT, QUOTA_TARGET_GROUPS},
	{REFUSE_MEMBER_LIMIT, QUOTA_MEMBERS_PER_GROUP},
	{REFUSE_SELECTOR_LIMIT, QUOTA_SELECTORS},
};

_Static_assert(ARRAY_SIZE(reasons) == QUOTA_COUNT + 1, "every quota is a reason");

static size_t find_place(const struct tally *tally, const struct tally_row *wanted);
static int row_compare(const struct tally_row *a, const struct tally_row *b);
static void drop_oldest(struct tally *tally);
static void find_account(const struct tally *tally, const char *account, size_t *ret_begin,
			 size_t *ret_end);

int tally_new(int64_t now, struct tally **ret_tally)
{
	struct tally *tally = calloc(1, sizeof(*tally));

	if (!tally)
		return -ENOMEM;
	pthread_mutex_init(&tally->lock, NULL);
	tally->since = now;
	*ret_tally = tally;
	return 0;
}

void tally_free(struct tally *tally)
{
	pthread_mutex_destroy(&tally->lock);
	free(tally);
}

uint64_t tally_add(struct tally *tally, const char *account, const char *action, int code,
		   int64_t now)
{
	struct tally_row wanted = {.first = now}, *row;
	uint64_t count;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(reasons) && reasons[i].code != code; i++)
		;
	if (i == ARRAY_SIZE(reasons) ||
	    !string_copy(wanted.account.text, sizeof(wanted.account.text), account) ||
	    !string_copy(wanted.action, sizeof(wanted.action), action))
		return 0;
	wanted.reason = reasons[i].reason;
	pthread_mutex_lock(&tally->lock);
	i = find_place(tally, &wanted);
	row = &tally->rows[i];
	if (i == tally->count || row_compare(row, &wanted) != 0) {
		if (tally->count == TALLY_ROWS) {
			drop_oldest(tally);
			i = find_place(tally, &wanted);
			row = &tally->rows[i];
		}
		memmove(row + 1, row, (tally->count++ - i) * sizeof(*row));
		*row = wanted;
	}
	count = ++row->count;
	row->last = now;
	pthread_mutex_unlock(&tally->lock);
	return count;
}

uint64_t tally_get_quota(struct tally *tally, const char *account, enum quota quota)
{
	uint64_t count = 0;
	size_t begin, end;

	pthread_mutex_lock(&tally->lock);
	find_account(tally, account, &begin, &end);
	for (size_t i = begin; i < end; i++)
		if (tally->rows[i].reason == quota)
			count += tally->rows[i].count;
	pthread_mutex_unlock(&tally->lock);
	return count;
}

int tally_get_list(struct tally *tally, const char *account, struct tally_list *ret_list)
{
	struct tally_list list = {.since = tally->since};
	size_t begin = 0, end;

	pthread_mutex_lock(&tally->lock);
	end = tally->count;
	if (account)
		find_account(tally, account, &begin, &end);
	list.rows = calloc(end - begin + 1, sizeof(*list.rows));
	if (list.rows) {
		list.count = end - begin;
		list.unlisted = tally->unlisted;
		memcpy(list.rows, &tally->rows[begin], list.count * sizeof(*list.rows));
	}
	pthread_mutex_unlock(&tally->lock);
	if (!list.rows)
		return -ENOMEM;
	*ret_list = list;
	return 0;
}

void tally_list_fini(struct tally_list *list)
{
	free(list->rows);
	*list = (struct tally_list){};
}

void tally_forget(struct tally *tally, const char *account)
{
	size_t begin, end;

	pthread_mutex_lock(&tally->lock);
	find_account(tally, account, &begin, &end);
	memmove(&tally->rows[begin], &tally->rows[end],
		(tally->count - end) * sizeof(tally->rows[0]));
	tally->count -= end - begin;
	pthread_mutex_unlock(&tally->lock);
}

const char *tally_reason_name(enum quota reason)
{
	return reason == TALLY_THROTTLED ? "throttled" : quota_name(reason);
}

/* Where the row is, or would be.  The functions from here on are called under the lock. */
static size_t find_place(const struct tally *tally, const struct tally_row *wanted)
{
	size_t low = 0, high = tally->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (row_compare(&tally->rows[middle], wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int row_compare(const struct tally_row *a, const struct tally_row *b)
{
	int order = strcmp(a->account.text, b->account.text);

	if (order == 0)
		order = strcmp(a->action, b->action);
	return order != 0 ? order : (int)a->reason - (int)b->reason;
}

static void drop_oldest(struct tally *tally)
{
	struct tally_row *oldest = tally->rows;

	for (size_t i = 1; i < tally->count; i++)
		if (tally->rows[i].last < oldest->last)
			oldest = &tally->rows[i];
	tally->unlisted += oldest->count;
	tally->count--;
	memmove(oldest, oldest + 1,
		(size_t)(&tally->rows[tally->count] - oldest) * sizeof(*oldest));
}

static void find_account(const struct tally *tally, const char *account, size_t *ret_begin,
			 size_t *ret_end)
{
	struct tally_row first = {};
	size_t end;

	*ret_begin = *ret_end = 0;
	if (!string_copy(first.account.text, sizeof(first.account.text), account))
		return;
	*ret_begin = end = find_place(tally, &first);
	while (end < tally->count && strcmp(tally->rows[end].account.text, account) == 0)
		end++;
	*ret_end = end;
}
