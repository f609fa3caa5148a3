/* From a target group to what agents balance over.  Private to control/. */
#pragma once

#include "control/control.h"
#include "mirror/group.h"

struct source;

/* Fills in a zeroed fleet: members in order, each with the address that it has now; those that have none are left out.
 * 'tcp_idle' is the listener's, in seconds.  Returns 0, STORE_MISSING, or a fault. */
int fleet_compute(struct control *control, const char *group, uint32_t tcp_idle,
		  struct fleet *ret_fleet);

/* Whether a group has anybody who could get the copies of a new flow. */
enum fleet_lack {
	FLEET_LACKS_NOTHING,
	FLEET_LACKS_MEMBERS,
	FLEET_LACKS_ADDRESSES,  /* Whoever is registered has none of the group's family. */
	FLEET_LACKS_REGISTERED, /* All are being deregistered. */
};
int fleet_find_lack(struct control *control, const struct group *group, enum fleet_lack *ret_lack);

/* Where a member is: an address of the group's family, or none.  An instance is at the device by which it is reached
 * (place.h), if that is there and has one; 'ret_running' says whether any device is there. */
int member_resolve(struct control *control, const struct group *group, const struct member *member,
		   struct address *ret_address, bool *ret_running);

/* Where the member is checked. */
static inline uint16_t member_check_port(const struct group *group, const struct member *member)
{
	return group->check_port ? group->check_port : member->port;
}
