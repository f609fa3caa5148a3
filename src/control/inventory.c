// SPDX-License-Identifier: Apache-2.0
/* An interface is known by its host and device name, and keeps its id however often it goes and comes back.
 *
 * The stored interfaces and the reported ones, both sorted by device, are walked side by side: what is on one side only is
 * gone or new, what is on both is compared.
 *
 * By which of its devices a host is reached must not change with what comes and goes beside it, for copies are sent there:
 * it is where the default route goes (place.h). */
#include "control/inventory.h"

#include "base/array.h"
#include "base/text.h"
#include "control/place.h"
#include "control/selection.h"
#include "control/site.h"
#include "control/state.h"
#include "mirror/group.h"
#include "store/instance.h"
#include "store/session.h"
#include "store/source.h"
#include "store/store.h"
#include "store/tag.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SEED_SIZE (ACCOUNT_ID_SIZE + HOST_NAME_SIZE + DEVICE_NAME_SIZE + 16)

struct known {
	struct source *items;
	size_t count, capacity;
};

struct ids {
	struct resource_id *items;
	size_t count, capacity;
};

static int known_load(struct store *store, const char *host, struct known *known);
static void known_fini(struct known *known);
static int report_sort(const struct report *report, const struct report_interface ***ret_sorted,
		       size_t *ret_count);
static int walk(struct transaction *transaction, const struct caller *caller, const char *host,
		const struct known *known, const struct report_interface **sorted, size_t count);
static int interface_add(struct transaction *transaction, const struct caller *caller,
			 const char *host, const struct places *places,
			 const struct report_interface *seen);
static int interface_update(struct transaction *transaction, const struct caller *caller,
			    const struct places *places, const struct source *before,
			    const struct report_interface *seen);
static int instance_changed(struct transaction *transaction, const struct source *before,
			    const struct source *source);
static int sender_changed(struct transaction *transaction, const struct source *source);
static int interface_detach(struct transaction *transaction, const struct places *places,
			    const struct source *before);
static void seen_take(const struct report_interface *seen, struct source *source);
static void keep_first(const struct source *before, uint8_t family, struct source *source);
static bool source_differs(const struct source *a, const struct source *b);
static bool address_differs(const struct source *a, const struct source *b);
static bool place_differs(const struct source *a, const struct source *b);
static int instance_settle(struct transaction *transaction, const struct caller *caller,
			   struct source *source);
static int instance_add(struct transaction *transaction, const struct caller *caller,
			const struct resource_id *id, const char *host, const char *device);
static int tags_add(struct transaction *transaction, const struct caller *caller,
		    const char *resource, const char *host, const char *device);
static int forget_old(struct store *store, const char *host);
static int forget(struct store *store, const char *id);
static int source_compare(const void *a, const void *b);
static int seen_compare(const void *a, const void *b);

int inventory_add_host(struct transaction *transaction, const struct caller *caller,
		       const char *host, struct resource_id *ret_instance)
{
	char seed[SEED_SIZE];
	struct resource_id id;
	int r;

	(void)snprintf(seed, sizeof(seed), "%s/host/%s", caller->account.text, host);
	id = resource_id_derive(RESOURCE_INSTANCE, seed);
	r = instance_add(transaction, caller, &id, host, "");
	if (r == 0)
		*ret_instance = id;
	return r;
}

int inventory_take(struct transaction *transaction, const struct caller *caller, const char *host,
		   const struct report *report)
{
	struct store *store = transaction->control->store;
	_cleanup_free_ const struct report_interface **sorted = NULL;
	_cleanup_(known_fini) struct known known = {};
	size_t count;
	int r;

	r = known_load(store, host, &known);
	if (r == 0)
		r = report_sort(report, &sorted, &count);
	if (r == 0)
		r = walk(transaction, caller, host, &known, sorted, count);
	return r < 0 ? r : forget_old(store, host);
}

int inventory_tag_orientation(struct transaction *transaction, const struct source *source)
{
	int r;

	r = store_put_tag(transaction->control->store, source->owner.text, source->id.text,
			  "tmirror:orientation", orientation_name(source_orientation(source)));
	return r < 0 ? r : selection_mark_source(transaction, source->id.text);
}

static int known_load(struct store *store, const char *host, struct known *known)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct source source;
	int r;

	r = store_select_sources(store, SOURCES_OF_HOST, host, "", &cursor);
	while (r >= 0 && (r = store_next_source(cursor, &source)) == STORE_ROW)
		r = array_append(known, items, count, capacity, source);
	if (r == 0 && known->count > 1)
		qsort(known->items, known->count, sizeof(*known->items), source_compare);
	return r;
}

static void known_fini(struct known *known)
{
	free(known->items);
}

/* A device that is reported twice counts once. */
static int report_sort(const struct report *report, const struct report_interface ***ret_sorted,
		       size_t *ret_count)
{
	const struct report_interface **sorted;
	size_t count = 0;

	sorted = calloc(report->interface_count + 1, sizeof(*sorted));
	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < report->interface_count; i++)
		sorted[i] = &report->interfaces[i];
	qsort(sorted, report->interface_count, sizeof(*sorted), seen_compare);
	for (size_t i = 0; i < report->interface_count; i++)
		if (count == 0 || strcmp(sorted[i]->device, sorted[count - 1]->device) != 0)
			sorted[count++] = sorted[i];
	*ret_sorted = sorted;
	*ret_count = count;
	return 0;
}

static int walk(struct transaction *transaction, const struct caller *caller, const char *host,
		const struct known *known, const struct report_interface **sorted, size_t count)
{
	const struct places places = places_choose(known->items, known->count, sorted, count);
	size_t i = 0, j = 0;
	int r = 0;

	while (r == 0 && (i < known->count || j < count)) {
		int order = i == known->count ? 1
			    : j == count      ? -1
					      : strcmp(known->items[i].device, sorted[j]->device);

		if (order < 0)
			r = interface_detach(transaction, &places, &known->items[i]);
		else if (order > 0)
			r = interface_add(transaction, caller, host, &places, sorted[j]);
		else
			r = interface_update(transaction, caller, &places, &known->items[i],
					     sorted[j]);
		i += order <= 0;
		j += order >= 0;
	}
	return r;
}

static int interface_add(struct transaction *transaction, const struct caller *caller,
			 const char *host, const struct places *places,
			 const struct report_interface *seen)
{
	struct control *control = transaction->control;
	struct site site = control_get_site(control, caller);
	struct source source = {
		.id = resource_id_new(RESOURCE_INTERFACE),
		.owner = caller->account,
		.subnet = site.subnet,
		.vpc = site.vpc,
		.created = control_now(control),
		.attached_since = control_now(control),
	};
	int r;

	(void)string_copy(source.host, sizeof(source.host), host);
	(void)string_copy(source.device, sizeof(source.device), seen->device);
	seen_take(seen, &source);
	places_mark(places, &source);
	r = instance_settle(transaction, caller, &source);
	if (r == 0)
		r = store_put_source(control->store, &source);
	if (r == 0)
		r = tags_add(transaction, caller, source.id.text, host, source.device);
	if (r == 0)
		r = inventory_tag_orientation(transaction, &source);
	return r < 0 ? r : transaction_touch_senders(transaction, source.id.text);
}

static int interface_update(struct transaction *transaction, const struct caller *caller,
			    const struct places *places, const struct source *before,
			    const struct report_interface *seen)
{
	struct control *control = transaction->control;
	struct source source = *before;
	int r;

	seen_take(seen, &source);
	keep_first(before, 4, &source);
	keep_first(before, 6, &source);
	places_mark(places, &source);
	r = instance_settle(transaction, caller, &source);
	if (r < 0 || !source_differs(before, &source))
		return r;
	if (!before->attached)
		source.attached_since = control_now(control);
	r = store_put_source(control->store, &source);
	if (r == 0 && !resource_id_equal(&before->instance, &source.instance))
		r = instance_changed(transaction, before, &source);
	if (r == 0 && source_orientation(before) != source_orientation(&source))
		r = inventory_tag_orientation(transaction, &source);
	if (r == 0 && (address_differs(before, &source) || place_differs(before, &source) ||
		       !before->attached))
		r = transaction_touch_senders(transaction, source.id.text);
	if (r == 0 && address_differs(before, &source))
		r = sender_changed(transaction, &source);
	if (r == 0 &&
	    (!before->attached || !resource_id_equal(&before->instance, &source.instance)))
		r = selection_mark_source(transaction, source.id.text);
	return r;
}

/* Either instance may be a member of groups, and have another address by now. */
static int instance_changed(struct transaction *transaction, const struct source *before,
			    const struct source *source)
{
	int r = store_forget_instance(transaction->control->store, before->instance.text);

	if (r == 0)
		r = transaction_touch_instance(transaction, before->instance.text);
	return r < 0 ? r : transaction_touch_instance(transaction, source->instance.text);
}

/* Copies to a gateway seem to come from the source. */
static int sender_changed(struct transaction *transaction, const struct source *source)
{
	int64_t sessions;
	int r = store_count_sessions(transaction->control->store, SESSIONS_OF_SOURCE,
				     source->id.text, &sessions);

	if (r < 0 || sessions == 0)
		return r;
	return transaction_touch_host(transaction, source->host);
}

/* The sessions of what is gone stay, and mirror again when it is back. */
static int interface_detach(struct transaction *transaction, const struct places *places,
			    const struct source *before)
{
	struct source source = *before;
	int r;

	source.attached = false;
	places_mark(places, &source);
	if (!source_differs(before, &source))
		return 0;
	r = store_put_source(transaction->control->store, &source);
	return r < 0 ? r : transaction_touch_senders(transaction, source.id.text);
}

static void seen_take(const struct report_interface *seen, struct source *source)
{
	source->attached = true;
	source->mtu = seen->mtu;
	source->orientation = seen->orientation;
	memcpy(source->mac, seen->mac, sizeof(source->mac));
	source->address_count = seen->address_count;
	memcpy(source->addresses, seen->addresses, sizeof(source->addresses));
}

/* The kernel puts an IPv6 address that is added before those that are there.  What was the first of its family stays that
 * while it is there, for copies are sent to it. */
static void keep_first(const struct source *before, uint8_t family, struct source *source)
{
	struct address *addresses = source->addresses;
	size_t old = 0, from, first = 0;

	while (old < before->address_count && (before->addresses[old].family != family ||
					       !member_address_valid(&before->addresses[old])))
		old++;
	if (old == before->address_count)
		return;
	for (from = 0; from < source->address_count; from++)
		if (address_equal(&addresses[from], &before->addresses[old]))
			break;
	if (from == source->address_count)
		return;
	while (addresses[first].family != family)
		first++;
	memmove(&addresses[first + 1], &addresses[first], (from - first) * sizeof(*addresses));
	addresses[first] = before->addresses[old];
}

static bool source_differs(const struct source *a, const struct source *b)
{
	return a->attached != b->attached || a->mtu != b->mtu || a->orientation != b->orientation ||
	       memcmp(a->mac, b->mac, sizeof(a->mac)) != 0 ||
	       !resource_id_equal(&a->instance, &b->instance) || address_differs(a, b) ||
	       place_differs(a, b);
}

static bool address_differs(const struct source *a, const struct source *b)
{
	if (a->address_count != b->address_count)
		return true;
	for (size_t i = 0; i < a->address_count; i++)
		if (!address_equal(&a->addresses[i], &b->addresses[i]))
			return true;
	return false;
}

static bool place_differs(const struct source *a, const struct source *b)
{
	return a->primary_ipv4 != b->primary_ipv4 || a->primary_ipv6 != b->primary_ipv6;
}

/* A guest's device belongs to an instance of its own, any other to the host's. */
static int instance_settle(struct transaction *transaction, const struct caller *caller,
			   struct source *source)
{
	bool guest = source->orientation == ORIENTATION_GUEST;
	struct stored_instance instance;
	char seed[SEED_SIZE];
	int r;

	if (guest)
		(void)snprintf(seed, sizeof(seed), "%s/guest/%s/%s", caller->account.text,
			       source->host, source->device);
	else
		(void)snprintf(seed, sizeof(seed), "%s/host/%s", caller->account.text,
			       source->host);
	source->instance = resource_id_derive(RESOURCE_INSTANCE, seed);
	if (!guest)
		return 0;
	r = store_get_instance(transaction->control->store, source->instance.text, &instance);
	if (r != STORE_MISSING)
		return r;
	return instance_add(transaction, caller, &source->instance, source->host, source->device);
}

static int instance_add(struct transaction *transaction, const struct caller *caller,
			const struct resource_id *id, const char *host, const char *device)
{
	struct control *control = transaction->control;
	struct stored_instance instance = {
		.id = *id,
		.owner = caller->account,
		.created = control_now(control),
	};
	int r;

	(void)string_copy(instance.host, sizeof(instance.host), host);
	(void)string_copy(instance.device, sizeof(instance.device), device);
	r = store_add_instance(control->store, &instance);
	return r < 0 ? r : tags_add(transaction, caller, id->text, host, device);
}

/* The name is the user's to change: it is set once and then left alone. */
static int tags_add(struct transaction *transaction, const struct caller *caller,
		    const char *resource, const char *host, const char *device)
{
	struct store *store = transaction->control->store;
	const char *owner = caller->account.text;
	int r;

	r = store_put_tag(store, owner, resource, "Name", device[0] ? device : host);
	if (r == 0)
		r = store_put_tag(store, owner, resource, "tmirror:host", host);
	if (r == 0 && device[0])
		r = store_put_tag(store, owner, resource, "tmirror:device", device);
	return r;
}

static int forget_old(struct store *store, const char *host)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	_cleanup_free_ struct resource_id *items = NULL;
	struct ids ids = {};
	struct resource_id id;
	int r;

	r = store_select_forgettable(store, host, INVENTORY_GONE_MAX, &cursor);
	while (r >= 0 && (r = store_next_id(cursor, &id)) == STORE_ROW)
		r = array_append(&ids, items, count, capacity, id);
	items = ids.items;
	cursor_close(TAKE_PTR(cursor));
	for (size_t i = 0; r == 0 && i < ids.count; i++)
		r = forget(store, ids.items[i].text);
	return r;
}

static int forget(struct store *store, const char *id)
{
	struct source source;
	int r;

	r = store_get_source(store, id, &source);
	if (r == 0)
		r = store_delete_source(store, id);
	if (r == 0)
		r = store_forget_instance(store, source.instance.text);
	return r;
}

static int source_compare(const void *a, const void *b)
{
	return strcmp(((const struct source *)a)->device, ((const struct source *)b)->device);
}

static int seen_compare(const void *a, const void *b)
{
	const struct report_interface *const *left = a, *const *right = b;

	return strcmp((*left)->device, (*right)->device);
}
