// SPDX-License-Identifier: Apache-2.0
#include "health/roster.h"

#include "base/count.h"
#include "health/probe.h"
#include "health/rhythm.h"

#include <errno.h>
#include <string.h>

static int fleet_init(struct roster *roster, const struct fleet *given, uint64_t host);
static void member_init(struct checked_member *member, const struct checked_fleet *fleet,
			uint64_t now);
static struct checked_fleet *find_fleet(struct roster *roster, const char *id);
static struct checked_member *find_member(struct roster *roster, const struct checked_fleet *fleet,
					  const struct fleet_member *wanted);
static void member_inherit(struct checked_member *member, struct checked_member *before);
static bool check_equal(const struct health_check *left, const struct health_check *right);

int roster_new(const struct fleet *const *fleets, size_t count, uint64_t host,
	       struct roster **ret_roster)
{
	_cleanup_(roster_freep) struct roster *roster = calloc(1, sizeof(*roster));
	size_t member_count = 0;

	if (!roster)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		member_count += fleets[i]->member_count;
	roster->fleets = calloc(count + 1, sizeof(*roster->fleets));
	roster->members = calloc(member_count + 1, sizeof(*roster->members));
	if (!roster->fleets || !roster->members)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		int r = fleet_init(roster, fleets[i], host);

		if (r < 0)
			return r;
	}
	*ret_roster = TAKE_PTR(roster);
	return 0;
}

void roster_free(struct roster *roster)
{
	if (!roster)
		return;
	for (size_t i = 0; i < roster->member_count; i++)
		probe_free(roster->members[i].probe);
	for (size_t i = 0; i < roster->fleet_count; i++)
		fleet_fini(&roster->fleets[i].fleet);
	free(roster->members);
	free(roster->fleets);
	free(roster);
}

void roster_inherit(struct roster *roster, struct roster *previous, uint64_t now)
{
	for (size_t i = 0; i < roster->fleet_count; i++) {
		struct checked_fleet *fleet = &roster->fleets[i];
		struct checked_fleet *before = find_fleet(previous, fleet->fleet.id);
		bool known = false; /* Somebody who gets new flows. */

		for (size_t j = 0; j < fleet->fleet.member_count; j++) {
			struct checked_member *member = &roster->members[fleet->first + j];
			struct checked_member *same =
				before ? find_member(previous, before, member->member) : NULL;

			member_init(member, fleet, now);
			if (same)
				member_inherit(member, same);
			fleet->unasked += !member->asked;
			known |= member->asked && !member->member->draining;
		}
		fleet->open = fleet->unasked == 0 || (known && before && before->open);
	}
}

bool roster_take(struct roster *roster, struct checked_member *member, enum finding finding,
		 uint64_t now)
{
	struct checked_fleet *fleet = &roster->fleets[member->fleet - roster->fleets];
	bool changed = verdict_take(&member->verdict, &fleet->fleet.check, finding, now);

	if (!member->asked) {
		member->asked = true;
		fleet->unasked--;
	}
	if (fleet->open)
		return changed;
	fleet->open = fleet->unasked == 0;
	return fleet->open;
}

enum member_state checked_member_state(const struct checked_member *member)
{
	return member->fleet->open ? member->verdict.state : MEMBER_INITIAL;
}

static int fleet_init(struct roster *roster, const struct fleet *given, uint64_t host)
{
	struct checked_fleet *fleet = &roster->fleets[roster->fleet_count];
	struct fleet_member *members = calloc(given->member_count + 1, sizeof(*members));

	if (!members)
		return -ENOMEM;
	if (given->member_count > 0)
		memcpy(members, given->members, given->member_count * sizeof(*members));
	*fleet = (struct checked_fleet){.fleet = *given, .first = roster->member_count};
	fleet->fleet.members = members;
	roster->fleet_count++;
	for (size_t i = 0; i < given->member_count; i++)
		roster->members[roster->member_count++] = (struct checked_member){
			.fleet = fleet,
			.member = &members[i],
			.phase = rhythm_phase(host, members[i].id, members[i].port),
		};
	return 0;
}

/* Who is not checked is healthy as soon as he is there. */
static void member_init(struct checked_member *member, const struct checked_fleet *fleet,
			uint64_t now)
{
	bool checked = fleet->fleet.check.protocol != CHECK_NONE;

	member->asked = !checked;
	member->verdict.state = checked ? MEMBER_INITIAL : MEMBER_HEALTHY;
	member->verdict.risen = now;
	member->due = checked ? rhythm_first(member->phase, now) : UINT64_MAX;
}

static int fleet_compare(const void *id, const void *item)
{
	return strcmp(id, ((const struct checked_fleet *)item)->fleet.id);
}

static struct checked_fleet *find_fleet(struct roster *roster, const char *id)
{
	return roster->fleet_count > 0 ? bsearch(id, roster->fleets, roster->fleet_count,
						 sizeof(*roster->fleets), fleet_compare)
				       : NULL;
}

static int member_compare(const void *wanted, const void *item)
{
	return fleet_member_compare(wanted, ((const struct checked_member *)item)->member);
}

static struct checked_member *find_member(struct roster *roster, const struct checked_fleet *fleet,
					  const struct fleet_member *wanted)
{
	return fleet->fleet.member_count > 0
		       ? bsearch(wanted, &roster->members[fleet->first], fleet->fleet.member_count,
				 sizeof(*roster->members), member_compare)
		       : NULL;
}

/* With another way to check, the verdict stands until that one has something to say. */
static void member_inherit(struct checked_member *member, struct checked_member *before)
{
	const struct health_check *check = &member->fleet->fleet.check;
	bool same = check_equal(check, &before->fleet->fleet.check) &&
		    member->member->check_port == before->member->check_port &&
		    address_equal(&member->member->address, &before->member->address);

	member->told = before->told;
	if (check->protocol == CHECK_NONE)
		return;
	member->asked = before->asked;
	member->verdict = before->verdict;
	if (!same)
		return;
	member->due = before->due;
	member->probe = TAKE_PTR(before->probe);
	if (member->probe)
		probe_set_owner(member->probe, member);
}

static bool check_equal(const struct health_check *left, const struct health_check *right)
{
	return left->protocol == right->protocol && left->interval == right->interval &&
	       left->timeout == right->timeout && strcmp(left->path, right->path) == 0 &&
	       strcmp(left->codes, right->codes) == 0;
}
