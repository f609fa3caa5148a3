// SPDX-License-Identifier: Apache-2.0
#include "control/fleet.h"

#include "base/array.h"
#include "base/text.h"
#include "control/state.h"
#include "store/group.h"
#include "store/member.h"
#include "store/source.h"
#include "store/store.h"

#include <errno.h>

static int members_add(struct control *control, const struct group *group, struct fleet *fleet);
static int member_add(struct control *control, const struct group *group,
		      const struct member *member, struct fleet *fleet);
static int instance_resolve(struct control *control, const char *id, uint8_t family,
			    struct address *ret_address, bool *ret_running);
static const struct address *usable_address(const struct source *source, uint8_t family);

int fleet_compute(struct control *control, const char *arn, uint32_t tcp_idle,
		  struct fleet *ret_fleet)
{
	struct fleet fleet = {.tcp_idle = tcp_idle};
	struct group group;
	int r;

	r = store_get_group(control->store, arn, &group);
	if (r != 0)
		return r;
	group_fill_fleet(&group, &fleet);
	r = members_add(control, &group, &fleet);
	if (r < 0) {
		fleet_fini(&fleet);
		return r;
	}
	fleet_sort(&fleet);
	*ret_fleet = fleet;
	return 0;
}

int fleet_find_lack(struct control *control, const struct group *group, enum fleet_lack *ret_lack)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	enum fleet_lack lack = FLEET_LACKS_MEMBERS;
	struct address address;
	struct member member;
	bool running;
	int r;

	r = store_select_members(control->store, group->arn.text, &cursor);
	while (r >= 0 && lack != FLEET_LACKS_NOTHING &&
	       (r = store_next_member(cursor, &member)) == STORE_ROW) {
		if (member.drained != 0) {
			lack = lack == FLEET_LACKS_MEMBERS ? FLEET_LACKS_REGISTERED : lack;
			continue;
		}
		r = member_resolve(control, group, &member, &address, &running);
		lack = address.family == 0 ? FLEET_LACKS_ADDRESSES : FLEET_LACKS_NOTHING;
	}
	if (r >= 0)
		*ret_lack = lack;
	return r < 0 ? r : 0;
}

int member_resolve(struct control *control, const struct group *group, const struct member *member,
		   struct address *ret_address, bool *ret_running)
{
	*ret_address = (struct address){};
	*ret_running = true;
	if (group->type == GROUP_OF_INSTANCES)
		return instance_resolve(control, member->id, group->family, ret_address,
					ret_running);
	return address_parse(member->id, ret_address) ? 0 : -EBADMSG;
}

static int members_add(struct control *control, const struct group *group, struct fleet *fleet)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct member member;
	int r;

	r = store_select_members(control->store, group->arn.text, &cursor);
	while (r >= 0 && (r = store_next_member(cursor, &member)) == STORE_ROW)
		r = member_add(control, group, &member, fleet);
	return r;
}

static int member_add(struct control *control, const struct group *group,
		      const struct member *member, struct fleet *fleet)
{
	struct fleet_member planned = {
		.port = member->port,
		.check_port = member_check_port(group, member),
		.weight = member->weight,
		.draining = member->drained != 0,
	};
	bool running;
	int r;

	r = member_resolve(control, group, member, &planned.address, &running);
	if (r < 0 || planned.address.family == 0)
		return r;
	(void)string_copy(planned.id, sizeof(planned.id), member->id);
	return array_append(fleet, members, member_count, member_capacity, planned);
}

static int instance_resolve(struct control *control, const char *id, uint8_t family,
			    struct address *ret_address, bool *ret_running)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct source source;
	int r;

	*ret_running = false;
	r = store_select_sources(control->store, SOURCES_OF_INSTANCE, id, "", &cursor);
	while (r >= 0 && (r = store_next_source(cursor, &source)) == STORE_ROW) {
		const struct address *address = usable_address(&source, family);

		*ret_running |= source.attached;
		if (source.attached && address && source_is_primary(&source, family))
			*ret_address = *address;
	}
	return r;
}

static const struct address *usable_address(const struct source *source, uint8_t family)
{
	for (size_t i = 0; i < source->address_count; i++)
		if (source->addresses[i].family == family &&
		    member_address_valid(&source->addresses[i]))
			return &source->addresses[i];
	return NULL;
}
