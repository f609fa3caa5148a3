// SPDX-License-Identifier: Apache-2.0
#include "control/place.h"

#include "base/text.h"
#include "control/state.h"
#include "mirror/group.h"
#include "store/source.h"
#include "store/store.h"

#include <errno.h>
#include <string.h>

static int names_gather(struct control *control, const char *instance, uint8_t family,
			struct text *names);
static const char *choose(uint8_t family, const struct source *known, size_t known_count,
			  const struct report_interface *const *seen, size_t seen_count);
static const char *find_default(uint8_t family, const struct report_interface *const *seen,
				size_t count);
static const char *find_last(uint8_t family, const struct source *known, size_t count);
static const char *find_only(uint8_t family, const struct report_interface *const *seen,
			     size_t count);
static bool has_address(const struct address *addresses, size_t count, uint8_t family);

struct places places_choose(const struct source *known, size_t known_count,
			    const struct report_interface *const *seen, size_t seen_count)
{
	struct places places = {};

	(void)string_copy(places.ipv4, sizeof(places.ipv4),
			  choose(4, known, known_count, seen, seen_count));
	(void)string_copy(places.ipv6, sizeof(places.ipv6),
			  choose(6, known, known_count, seen, seen_count));
	return places;
}

void places_mark(const struct places *places, struct source *source)
{
	const bool alone = source->orientation == ORIENTATION_GUEST;

	source->primary_ipv4 = alone || strcmp(source->device, places->ipv4) == 0;
	source->primary_ipv6 = alone || strcmp(source->device, places->ipv6) == 0;
}

int place_find(struct control *control, const char *instance, uint8_t family,
	       struct source *ret_source)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct source source;
	int r;

	r = store_select_sources(control->store, SOURCES_OF_INSTANCE, instance, "", &cursor);
	while (r >= 0 && (r = store_next_source(cursor, &source)) == STORE_ROW) {
		if (!source_is_primary(&source, family))
			continue;
		*ret_source = source;
		return 0;
	}
	return r < 0 ? r : STORE_MISSING;
}

int place_check(struct control *control, const char *instance, uint8_t family, struct refusal *why)
{
	_cleanup_text_ struct text names = {};
	struct source place;
	int r = place_find(control, instance, family, &place);

	if (r == STORE_MISSING)
		r = names_gather(control, instance, family, &names);
	if (r != 0 || !names.data)
		return r;
	return refuse(why, REFUSE_MEMBER_INVALID,
		      "The target '%s' has no IPv%u default route, so which of its interfaces (%s) "
		      "it is reached by is not known: register an IP address",
		      instance, family, names.data);
}

/* Those of its devices that have an address. */
static int names_gather(struct control *control, const char *instance, uint8_t family,
			struct text *names)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct source source;
	int r;

	r = store_select_sources(control->store, SOURCES_OF_INSTANCE, instance, "", &cursor);
	while (r >= 0 && (r = store_next_source(cursor, &source)) == STORE_ROW)
		if (source.attached && has_address(source.addresses, source.address_count, family))
			text_printf(names, "%s%s", names->data ? ", " : "", source.device);
	return r == 0 && names->failed ? -ENOMEM : r;
}

static const char *choose(uint8_t family, const struct source *known, size_t known_count,
			  const struct report_interface *const *seen, size_t seen_count)
{
	const char *device = find_default(family, seen, seen_count);

	if (!device)
		device = find_last(family, known, known_count);
	if (!device)
		device = find_only(family, seen, seen_count);
	return device ? device : "";
}

static const char *find_default(uint8_t family, const struct report_interface *const *seen,
				size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (family == 4 ? seen[i]->default_ipv4 : seen[i]->default_ipv6)
			return seen[i]->device;
	return NULL;
}

/* Also while the device is gone: another one is not the same place. */
static const char *find_last(uint8_t family, const struct source *known, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (source_is_primary(&known[i], family) &&
		    known[i].orientation != ORIENTATION_GUEST)
			return known[i].device;
	return NULL;
}

/* A bridge is mostly there for guests, and has its address before anybody asked for one. */
static const char *find_only(uint8_t family, const struct report_interface *const *seen,
			     size_t count)
{
	const char *device = NULL;

	for (size_t i = 0; i < count; i++) {
		if (seen[i]->orientation == ORIENTATION_GUEST || seen[i]->bridge ||
		    !has_address(seen[i]->addresses, seen[i]->address_count, family))
			continue;
		if (device)
			return NULL;
		device = seen[i]->device;
	}
	return device;
}

static bool has_address(const struct address *addresses, size_t count, uint8_t family)
{
	for (size_t i = 0; i < count; i++)
		if (addresses[i].family == family && member_address_valid(&addresses[i]))
			return true;
	return false;
}
