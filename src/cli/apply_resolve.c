// SPDX-License-Identifier: Apache-2.0
#include "cli/apply_resolve.h"

#include "base/address.h"
#include "base/count.h"
#include "base/text.h"
#include "cli/apply_file.h"
#include "cli/balancer.h"
#include "cli/interface.h"
#include "cli/lookup.h"
#include "cli/output.h"

#include <errno.h>
#include <string.h>

/* An interface, and the names it goes by. */
struct known {
	const char *id, *host, *device; /* NULL: it has none. */
	const struct tmirror_node *item;
};

struct directory {
	struct invocation *invocation;
	const struct present *present;
	struct world *wishes;
	struct known *items;
	size_t count;
};

static int directory_make(struct directory *directory);
static int source_resolve(const struct directory *directory, struct object *session);
static int links_check(const struct directory *directory, const struct object *session);
static int link_check(const struct directory *directory, const struct object *session, size_t field,
		      enum apply_kind kind);
static int target_resolve(const struct directory *directory, struct object *target);
static int interface_resolve(const struct directory *directory, const struct yaml_node *place,
			     const char **ret_id);
static int address_resolve(const struct directory *directory, const struct yaml_node *place,
			   struct object *target);
static int appliance_wish(const struct directory *directory, const struct yaml_node *place,
			  const char *address, struct object *target);
static int balancer_resolve(const struct directory *directory, const struct yaml_node *place,
			    struct object *target);
static int endpoint_resolve(const struct directory *directory, const struct yaml_node *place,
			    struct object *target);

static void directory_fini(struct directory *directory)
{
	free(directory->items);
}

#define misplaced(directory, place, ...) \
	((void)yaml_refuse(&(directory)->invocation->misuse, place, __VA_ARGS__), COMMAND_MISUSED)

int apply_resolve(struct invocation *invocation, const struct present *present,
		  struct world *wishes)
{
	_cleanup_(directory_fini) struct directory directory = {
		.invocation = invocation, .present = present, .wishes = wishes};
	const struct objects *targets = &wishes->kinds[APPLY_TARGET];
	const struct objects *sessions = &wishes->kinds[APPLY_SESSION];
	const struct objects *selectors = &wishes->kinds[APPLY_SELECTOR];
	int r = directory_make(&directory);

	for (size_t i = 0; i < targets->count && r == 0; i++)
		r = target_resolve(&directory, targets->items[i]);
	for (size_t i = 0; i < sessions->count && r == 0; i++) {
		r = source_resolve(&directory, sessions->items[i]);
		if (r == 0)
			r = links_check(&directory, sessions->items[i]);
	}
	for (size_t i = 0; i < selectors->count && r == 0; i++)
		r = links_check(&directory, selectors->items[i]);
	return r;
}

static int directory_make(struct directory *directory)
{
	const struct objects *const both[] = {
		&directory->present->own.kinds[APPLY_APPLIANCE],
		&directory->present->others.kinds[APPLY_APPLIANCE],
	};

	directory->items = calloc(both[0]->count + both[1]->count + 1, sizeof(struct known));
	if (!directory->items)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(both); i++) {
		for (size_t j = 0; j < both[i]->count; j++) {
			const struct object *object = both[i]->items[j];

			directory->items[directory->count++] = (struct known){
				.id = object->id,
				.host = node_tag(object->item, TAG_HOST),
				.device = node_tag(object->item, TAG_DEVICE),
				.item = object->item,
			};
		}
	}
	return 0;
}

static int value_set(struct object *object, size_t field, const char *value)
{
	free(object->values[field]);
	object->values[field] = strdup(value);
	return object->values[field] ? 0 : -ENOMEM;
}

static int source_resolve(const struct directory *directory, struct object *session)
{
	const char *id;
	int r;

	r = interface_resolve(directory, yaml_get(session->node, "source"), &id);
	return r == 0 ? value_set(session, SESSION_SOURCE, id) : r;
}

static int links_check(const struct directory *directory, const struct object *session)
{
	int r = link_check(directory, session, SESSION_FILTER, APPLY_FILTER);

	return r == 0 ? link_check(directory, session, SESSION_TARGET, APPLY_TARGET) : r;
}

/* A filter or a target that is none of the files'. */
static int link_check(const struct directory *directory, const struct object *session, size_t field,
		      enum apply_kind kind)
{
	const char *key = apply_kinds[APPLY_SESSION].fields[field].key;
	const char *id = session->values[field];

	if (session->links[field] || objects_find_id(&directory->present->others.kinds[kind], id))
		return 0;
	if (objects_find_id(&directory->present->own.kinds[kind], id))
		return misplaced(directory, yaml_get(session->node, key),
				 "%s is of this set itself; say its name", id);
	return misplaced(directory, yaml_get(session->node, key), "there is no %s '%s'", key, id);
}

static int target_resolve(const struct directory *directory, struct object *target)
{
	const struct yaml_node *place = NULL;
	enum locator_kind kind = LOCATOR_COUNT;
	const char *id;
	int r;

	for (enum locator_kind i = 0; i < LOCATOR_COUNT; i++) {
		const struct yaml_node *node = yaml_get(target->node, locator_keys[i]);

		if (node && place)
			return misplaced(directory, node,
					 "a target has one place: '%s' or '%s', not both",
					 locator_keys[kind], locator_keys[i]);
		if (node) {
			place = node;
			kind = i;
		}
	}
	if (!place || place->kind != YAML_WORD)
		return misplaced(directory, place ? place : target->node,
				 "a target wants one of interface, address, fleet, load-balancer "
				 "and endpoint, with one value");
	if (kind == LOCATOR_ADDRESS)
		return address_resolve(directory, place, target);
	if (kind == LOCATOR_ENDPOINT)
		return endpoint_resolve(directory, place, target);
	if (kind != LOCATOR_INTERFACE)
		return balancer_resolve(directory, place, target);
	r = interface_resolve(directory, place, &id);
	return r == 0 ? value_set(target, TARGET_INTERFACE, id) : r;
}

/* An id, HOST/DEVICE, or a DEVICE that only one host has. */
static bool known_as(const struct known *known, const char *name)
{
	const char *slash = strchr(name, '/');
	size_t length = slash ? (size_t)(slash - name) : 0;

	if (!known->device || !known->host)
		return strcmp(known->id, name) == 0;
	if (!slash)
		return strcmp(known->id, name) == 0 || strcmp(known->device, name) == 0;
	return strlen(known->host) == length && memcmp(known->host, name, length) == 0 &&
	       strcmp(known->device, slash + 1) == 0;
}

static int interface_resolve(const struct directory *directory, const struct yaml_node *place,
			     const char **ret_id)
{
	const struct known *found = NULL;

	for (size_t i = 0; i < directory->count; i++) {
		const struct known *known = &directory->items[i];

		if (!known_as(known, place->word))
			continue;
		if (found)
			return misplaced(directory, place,
					 "several hosts have a '%s'; say HOST/%s, as in '%s/%s'",
					 place->word, place->word, known->host ? known->host : "",
					 place->word);
		found = known;
	}
	if (!found)
		return misplaced(directory, place, "no interface is called '%s'", place->word);
	*ret_id = found->id;
	return 0;
}

static bool has_address(const struct tmirror_node *item, const char *address)
{
	static const char *const sets[][2] = {{"privateIpAddressesSet", "privateIpAddress"},
					      {"ipv6AddressesSet", "ipv6Address"}};

	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		const struct tmirror_node *node =
			tmirror_node_first(tmirror_node_find(item, sets[i][0]));

		for (; node; node = tmirror_node_next(node)) {
			const char *text = tmirror_node_text(node, sets[i][1]);

			if (text && strcmp(text, address) == 0)
				return true;
		}
	}
	return false;
}

/* One that was registered goes before those that hosts have: the same private address may be on many of them. */
static int address_find(const struct directory *directory, const struct yaml_node *place,
			const char *address, const struct known **ret_known)
{
	const struct known *found = NULL;

	for (size_t i = 0; i < directory->count; i++) {
		const struct known *known = &directory->items[i];

		if (!has_address(known->item, address))
			continue;
		if (known->host && found)
			return misplaced(directory, place,
					 "several interfaces have the address %s; say which, by "
					 "'interface'",
					 address);
		found = known;
		if (!known->host)
			break;
	}
	*ret_known = found;
	return 0;
}

static int address_resolve(const struct directory *directory, const struct yaml_node *place,
			   struct object *target)
{
	const struct objects *own = &directory->present->own.kinds[APPLY_APPLIANCE];
	const struct known *found;
	char text[ADDRESS_TEXT_SIZE];
	struct address address;
	int r;

	if (!address_parse(place->word, &address))
		return misplaced(directory, place, "'%s' is not an address", place->word);
	address_format(&address, text);
	r = address_find(directory, place, text, &found);
	if (r != 0)
		return r;
	if (found && !objects_find_id(own, found->id))
		return value_set(target, TARGET_INTERFACE, found->id);
	return appliance_wish(directory, place, text, target);
}

/* Ours, be it there or not. */
static int appliance_wish(const struct directory *directory, const struct yaml_node *place,
			  const char *address, struct object *target)
{
	struct objects *wishes = &directory->wishes->kinds[APPLY_APPLIANCE];
	bool six = strchr(address, ':') != NULL;
	struct object *appliance;
	int r;

	for (size_t i = 0; i < wishes->count; i++)
		if (strcmp(wishes->items[i]->name, address) == 0)
			return misplaced(directory, place,
					 "the target in %s:%zu has address %s, too",
					 wishes->items[i]->node->file, wishes->items[i]->node->line,
					 address);
	r = object_add(wishes, APPLY_APPLIANCE, &appliance);
	if (r != 0)
		return r;
	appliance->node = place;
	appliance->name = strdup(address);
	appliance->values[APPLIANCE_IPV4] = strdup(six ? "" : address);
	appliance->values[APPLIANCE_IPV6] = strdup(six ? address : "");
	target->links[TARGET_INTERFACE] = appliance;
	return appliance->name && appliance->values[APPLIANCE_IPV4] &&
			       appliance->values[APPLIANCE_IPV6]
		       ? 0
		       : -ENOMEM;
}

/* By name, or by the ARN; either must be there. */
static int balancer_resolve(const struct directory *directory, const struct yaml_node *place,
			    struct object *target)
{
	struct arn_kind kind = balancer_kind;
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	struct invocation *invocation = directory->invocation;
	const struct tmirror_node *item, *other;
	const char *arn;
	int r;

	if (strncmp(place->word, "arn:", strlen("arn:")) == 0)
		kind.names = "LoadBalancerArns.member";
	r = arn_look_up(invocation, &kind, place->word, &pages);
	if (r == 0)
		r = tmirror_pages_next(pages, &item, &invocation->error);
	if (r == TMIRROR_REFUSED)
		return misplaced(directory, place, "%s", invocation->error.message);
	if (r != 0)
		return r == TMIRROR_END ? -EPROTO : r;
	arn = tmirror_node_text(item, kind.element);
	if (tmirror_pages_next(pages, &other, &invocation->error) == 0)
		return misplaced(directory, place,
				 "there are several of the name '%s'; say its ARN", place->word);
	return arn ? value_set(target, TARGET_BALANCER, arn) : -EPROTO;
}

static int endpoint_resolve(const struct directory *directory, const struct yaml_node *place,
			    struct object *target)
{
	const struct lookup lookup = {"DescribeVpcEndpoints", "vpcEndpointSet", "vpc-endpoint-id",
				      place->word};
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	const struct tmirror_node *item;
	int r;

	r = lookup_start(directory->invocation, &lookup, &pages);
	if (r == 0)
		r = tmirror_pages_next(pages, &item, &directory->invocation->error);
	if (r == TMIRROR_END)
		return misplaced(directory, place, "there is no endpoint '%s'", place->word);
	return r == 0 ? value_set(target, TARGET_ENDPOINT, place->word) : r;
}
