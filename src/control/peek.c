// SPDX-License-Identifier: Apache-2.0
#include "control/peek.h"

#include "base/array.h"
#include "base/count.h"
#include "base/random.h"
#include "base/text.h"
#include "control/find.h"
#include "control/state.h"
#include "control/transaction.h"
#include "store/session.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What was kept is thrown away in pieces, so that it need not be moved for each packet. */
#define SLACK 256

struct peek {
	struct account_id account;
	char principal[PRINCIPAL_SIZE];
	char host[HOST_NAME_SIZE];
	struct peek_state state;
	int64_t asked;
	bool announced;
	struct peek_packet packets[PEEK_KEPT_MAX + SLACK];
	size_t packet_begin, packet_end; /* Those that are kept. */
	size_t packets_size;             /* Their bytes. */
};

static int room_check(const struct peeks *peeks, const struct caller *caller, struct refusal *why);
static void end_in_time(struct peeks *peeks, int64_t now);
static size_t count_of(const struct peeks *peeks, const struct account_id *account);
static struct peek *find_crowded(const struct peeks *peeks, size_t own);
static int peek_add(struct control *control, const struct caller *caller,
		    const struct source *source, struct peek **ret_peek);
static void peek_touch(struct peek *peek, int64_t now);
static bool peek_is_of_host(const struct peek *peek, const struct caller *caller, const char *host);
static int peek_find(struct control *control, const struct caller *caller,
		     const struct peek_name *name, struct peek **ret_peek, struct refusal *why);
static void peek_end(struct peeks *peeks, struct peek *peek);
static void peek_drop_oldest(struct peek *peek);
static int peek_keep(struct peek *peek, const struct peek_packet *packet);
static int wish_add(struct peek_wishes *wishes, const struct peek *peek);

int control_start_peek(struct control *control, const struct caller *caller, const char *id,
		       struct optional_number snap_length, struct peek_state *ret_state,
		       struct refusal *why)
{
	int64_t length = snap_length.set ? snap_length.value : PEEK_SNAP_DEFAULT;
	struct session session;
	struct source source;
	struct peek *peek;
	int r;

	if (length < 1 || length > PEEK_SNAP_MAX)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The snap length %lld is not between 1 and %d", (long long)length,
			      PEEK_SNAP_MAX);
	r = find_session(control, caller, id, &session, why);
	if (r == 0)
		r = find_source(control, caller, session.source.text, &source, why);
	if (r != 0)
		return r;
	r = room_check(&control->peeks, caller, why);
	if (r == 0)
		r = dry_run_check(caller, why);
	if (r == 0)
		r = peek_add(control, caller, &source, &peek);
	if (r != 0)
		return r;
	peek->state.session = session.id;
	peek->state.snap_length = (uint16_t)length;
	*ret_state = peek->state;
	if (control->changed)
		control->changed(control->context, peek->host);
	return 0;
}

int control_get_peek(struct control *control, const struct caller *caller,
		     const struct peek_name *name, uint64_t after, size_t count,
		     struct peek_page *ret_page, struct refusal *why)
{
	struct peek_page page = {};
	struct peek *peek;
	uint64_t oldest, left;
	size_t size = 0;
	int r;

	r = peek_find(control, caller, name, &peek, why);
	if (r == 0)
		r = dry_run_check(caller, why);
	if (r != 0)
		return r;
	peek_touch(peek, control_now(control));
	oldest = peek->state.last_number - (peek->packet_end - peek->packet_begin) + 1;
	page.state = peek->state;
	page.first_number = MAX(after + 1, oldest);
	left = peek->state.last_number + 1 - MIN(page.first_number, peek->state.last_number + 1);
	page.packets = &peek->packets[peek->packet_end - left];
	for (; page.packet_count < MIN(left, (uint64_t)count); page.packet_count++) {
		size += page.packets[page.packet_count].bytes.size;
		if (size > PEEK_PAGE_SIZE_MAX && page.packet_count > 0)
			break;
	}
	*ret_page = page;
	return 0;
}

int control_stop_peek(struct control *control, const struct caller *caller,
		      const struct peek_name *name, struct refusal *why)
{
	struct peek *peek;
	int r;

	r = peek_find(control, caller, name, &peek, why);
	if (r == 0)
		r = dry_run_check(caller, why);
	if (r == 0)
		peek_end(&control->peeks, peek);
	return r;
}

int control_expire_peeks(struct control *control)
{
	const int64_t now = control_now(control);
	struct peeks *peeks = &control->peeks;

	end_in_time(peeks, now);
	for (size_t i = peeks->count; i > 0; i--) {
		struct session session;
		int r = store_get_session(control->store, peeks->items[i - 1]->state.session.text,
					  &session);

		if (r < 0)
			return r;
		if (r == STORE_MISSING)
			peek_end(peeks, peeks->items[i - 1]);
	}
	return 0;
}

bool control_announce_peeks(struct control *control, const struct caller *caller, const char *host,
			    bool once)
{
	bool any = false;

	for (size_t i = 0; i < control->peeks.count; i++) {
		struct peek *peek = control->peeks.items[i];

		if (!peek_is_of_host(peek, caller, host) || (once && peek->announced))
			continue;
		peek->announced = true;
		any = true;
	}
	return any;
}

int control_take_packets(struct control *control, const struct caller *caller, const char *host,
			 const struct peek_batch *batch, struct peek_wishes *ret_wishes,
			 struct refusal *why)
{
	int r = 0;

	if (caller->kind != CALLER_HOST)
		return refuse(why, REFUSE_NOT_PERMITTED, "Only a host's agent shows packets");
	end_in_time(&control->peeks, control_now(control));
	for (size_t i = 0; r == 0 && i < control->peeks.count; i++) {
		struct peek *peek = control->peeks.items[i];

		if (!peek_is_of_host(peek, caller, host))
			continue;
		for (size_t j = 0; r == 0 && j < batch->packet_count; j++)
			if (resource_id_equal(&batch->packets[j].session, &peek->state.session))
				r = peek_keep(peek, &batch->packets[j]);
		if (r == 0)
			r = wish_add(ret_wishes, peek);
	}
	return r;
}

void peeks_fini(struct peeks *peeks)
{
	while (peeks->count > 0)
		peek_end(peeks, peeks->items[peeks->count - 1]);
}

/* Hosts and people ask often, so nothing is looked up in the store; a session that is gone ends its peeks with the next second. */
static void end_in_time(struct peeks *peeks, int64_t now)
{
	for (size_t i = peeks->count; i > 0; i--) {
		struct peek *peek = peeks->items[i - 1];

		if (now >= peek->state.expires || now < peek->asked)
			peek_end(peeks, peek);
	}
}

static int room_check(const struct peeks *peeks, const struct caller *caller, struct refusal *why)
{
	const size_t own = count_of(peeks, &caller->account);

	if (own >= PEEKS_PER_ACCOUNT_MAX)
		return refuse(
			why, REFUSE_PEEK_LIMIT,
			"The account '%s' peeks at %zu sessions, and more than that it cannot",
			caller->account.text, own);
	if (peeks->count == PEEKS_MAX && !find_crowded(peeks, own))
		return refuse(why, REFUSE_PEEK_LIMIT,
			      "The service is peeked at by as many as it can serve, %d", PEEKS_MAX);
	return 0;
}

static size_t count_of(const struct peeks *peeks, const struct account_id *account)
{
	size_t count = 0;

	for (size_t i = 0; i < peeks->count; i++)
		count += strcmp(peeks->items[i]->account.text, account->text) == 0;
	return count;
}

/* Nobody has all the room: the peek that was asked longest ago, of an account that will still have as many as one with 'own' and one more
 * will; NULL: nobody has that many. */
static struct peek *find_crowded(const struct peeks *peeks, size_t own)
{
	struct peek *found = NULL;

	for (size_t i = 0; i < peeks->count; i++) {
		struct peek *peek = peeks->items[i];

		if (count_of(peeks, &peek->account) >= own + 2 &&
		    (!found || peek->asked < found->asked))
			found = peek;
	}
	return found;
}

static int peek_add(struct control *control, const struct caller *caller,
		    const struct source *source, struct peek **ret_peek)
{
	struct peeks *peeks = &control->peeks;
	const int64_t now = control_now(control);
	struct peek *peek = calloc(1, sizeof(*peek));

	if (!peek)
		return -ENOMEM;
	if (peeks->count == PEEKS_MAX)
		peek_end(peeks, find_crowded(peeks, count_of(peeks, &caller->account)));
	peek->account = caller->account;
	memcpy(peek->principal, caller->arn, sizeof(peek->principal));
	memcpy(peek->host, source->host, sizeof(peek->host));
	(void)snprintf(peek->state.id, sizeof(peek->state.id), "peek-%016" PRIx64, random_number());
	peek->state.ends = now + PEEK_LIFE_MILLISECONDS;
	peek_touch(peek, now);
	peeks->items[peeks->count++] = peek;
	*ret_peek = peek;
	return 0;
}

static void peek_touch(struct peek *peek, int64_t now)
{
	peek->asked = now;
	peek->state.expires = MIN(now + PEEK_IDLE_MILLISECONDS, peek->state.ends);
}

/* A host has one account, and its sessions are of that. */
static bool peek_is_of_host(const struct peek *peek, const struct caller *caller, const char *host)
{
	return strcmp(peek->host, host) == 0 &&
	       strcmp(peek->account.text, caller->account.text) == 0;
}

/* Another's is not there. */
static int peek_find(struct control *control, const struct caller *caller,
		     const struct peek_name *name, struct peek **ret_peek, struct refusal *why)
{
	struct peeks *peeks = &control->peeks;
	struct session session;
	int r;

	r = find_session(control, caller, name->session, &session, why);
	if (r != 0)
		return r;
	end_in_time(peeks, control_now(control));
	for (size_t i = 0; i < peeks->count; i++) {
		struct peek *peek = peeks->items[i];

		if (strcmp(peek->state.id, name->id) == 0 &&
		    resource_id_equal(&peek->state.session, &session.id) &&
		    strcmp(peek->principal, caller->arn) == 0) {
			*ret_peek = peek;
			return 0;
		}
	}
	return refuse(why, REFUSE_PEEK_NOT_FOUND,
		      "There is no peek '%.64s' of yours at the session '%s': it may be over",
		      name->id, session.id.text);
}

static void peek_end(struct peeks *peeks, struct peek *peek)
{
	for (size_t i = 0; i < peeks->count; i++)
		if (peeks->items[i] == peek) {
			peeks->items[i] = peeks->items[--peeks->count];
			break;
		}
	while (peek->packet_begin < peek->packet_end)
		peek_drop_oldest(peek);
	free(peek);
}

static void peek_drop_oldest(struct peek *peek)
{
	struct peek_packet *oldest = &peek->packets[peek->packet_begin++];

	peek->packets_size -= oldest->bytes.size;
	peek_packet_fini(oldest);
}

/* Keeps a copy of the packet, cut to what this one may see: another's look at the session may be longer. */
static int peek_keep(struct peek *peek, const struct peek_packet *packet)
{
	struct peek_packet kept = *packet;

	if (kept.bytes.size > peek->state.snap_length)
		kept.bytes.size = peek->state.snap_length;
	kept.bytes.data = malloc(kept.bytes.size + 1U);
	if (!kept.bytes.data)
		return -ENOMEM;
	memcpy(kept.bytes.data, packet->bytes.data, kept.bytes.size);
	while (peek->packet_begin < peek->packet_end &&
	       (peek->packet_end - peek->packet_begin == PEEK_KEPT_MAX ||
		peek->packets_size + kept.bytes.size > PEEK_KEPT_SIZE_MAX))
		peek_drop_oldest(peek);
	if (peek->packet_end == ARRAY_SIZE(peek->packets)) {
		peek->packet_end -= peek->packet_begin;
		memmove(peek->packets, &peek->packets[peek->packet_begin],
			peek->packet_end * sizeof(kept));
		peek->packet_begin = 0;
	}
	peek->packets[peek->packet_end++] = kept;
	peek->packets_size += kept.bytes.size;
	peek->state.last_number++;
	return 0;
}

/* Several may look at one session: the host shows it to the one who sees most. */
static int wish_add(struct peek_wishes *wishes, const struct peek *peek)
{
	const struct peek_wish wish = {peek->state.session, peek->state.snap_length};

	for (size_t i = 0; i < wishes->item_count; i++)
		if (resource_id_equal(&wishes->items[i].session, &wish.session)) {
			if (wishes->items[i].snap_length < wish.snap_length)
				wishes->items[i].snap_length = wish.snap_length;
			return 0;
		}
	return array_append(wishes, items, item_count, item_capacity, wish);
}
