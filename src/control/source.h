/* Network interfaces: those that agents report (host.h) and those registered by address. */
#pragma once

#include "control/control.h"
#include "control/query.h"
#include "mirror/source.h"

struct interface_record {
	struct source source;
	struct tags tags;
};

struct interface_page {
	struct interface_record *items;
	size_t count, capacity;
	char *next_token; /* NULL: this was the last page. */
};

void interface_record_fini(struct interface_record *record);
void interface_page_fini(struct interface_page *page);

/* Registers an appliance by its address.  The first address is the primary one; without any the request is refused, for
 * nobody here hands out addresses. */
struct interface_wish {
	const char *subnet;
	const char *const *addresses;
	size_t address_count;
	const char *const *groups; /* Security groups, of which there are none here. */
	size_t group_count;
	const char *description; /* NULL: none. */
	const struct tag *tags;
	size_t tag_count;
	struct once once;
};
int control_create_interface(struct control *control, const struct caller *caller,
			     const struct interface_wish *wish,
			     struct interface_record *ret_interface, struct refusal *why);

/* The sessions of the interface go with it; a target in front of it stays and dangles.  A device that is still there
 * comes back under a new id with its host's next inventory,
 * which the host is asked for. */
int control_delete_interface(struct control *control, const struct caller *caller,
			     const char *interface, struct refusal *why);

struct interface_change {
	const char *interface;
	const char *description;             /* NULL: as it is. */
	const enum orientation *orientation; /* NULL: as it is; AUTOMATIC ends an override. */
	const char *const *groups;
	size_t group_count;
	bool checks_nothing; /* Asks for no source/destination check, which nobody here could keep. */
};
int control_modify_interface(struct control *control, const struct caller *caller,
			     const struct interface_change *change, struct refusal *why);

/* Filters: network-interface-id, description, owner-id, status (in-use, available), interface-type, mac-address,
 * subnet-id, vpc-id, availability-zone, availability-zone-id, private-ip-address, addresses.private-ip-address,
 * addresses.primary, ipv6-addresses.ipv6-address, private-dns-name, requester-managed, source-dest-check,
 * attachment.attachment-id, attachment.instance-id, attachment.instance-owner-id, attachment.status,
 * attachment.device-index, attachment.delete-on-termination, attachment.attach-time, and the others of EC2, which no
 * interface here has a value for. */
int control_describe_interfaces(struct control *control, const struct caller *caller,
				const struct query *query, struct interface_page *ret_page,
				struct refusal *why);

/* What EC2 calls a plug in a host: "eni-attach-" and the digits of the interface's id; "ela-attach-" of what the service has
 * made. */
void source_attachment_id(const struct source *source, char ret_text[RESOURCE_ID_SIZE]);

/* Where in the host it is plugged: what the service has made is next to something. */
static inline int source_attachment_index(const struct source *source)
{
	return source->type == INTERFACE_ORDINARY ? 0 : 1;
}

/* A host, or a guest of one.  It runs while one of its interfaces is plugged. */
struct instance_record {
	struct resource_id id;
	struct account_id owner;
	struct resource_id subnet, vpc;
	char host[HOST_NAME_SIZE];
	char device[DEVICE_NAME_SIZE]; /* The guest's device on the host; empty: the host itself. */
	bool running;
	int64_t created;
	struct source *interfaces;
	size_t interface_count, interface_capacity;
	struct tags tags;
};

struct instance_page {
	struct instance_record *items;
	size_t count, capacity;
	char *next_token;
};

void instance_page_fini(struct instance_page *page);

/* Filters: instance-id, instance-state-name, instance-state-code, instance-type, owner-id, private-ip-address,
 * private-dns-name, subnet-id, vpc-id, availability-zone, launch-time, network-interface.network-interface-id,
 * network-interface.addresses.private-ip-address, network-interface.owner-id, network-interface.subnet-id,
 * network-interface.vpc-id, tag:<key>, tag-key. */
int control_describe_instances(struct control *control, const struct caller *caller,
			       const struct query *query, struct instance_page *ret_page,
			       struct refusal *why);

#define INSTANCE_TYPE "tmirror.host" /* EC2 wants a type; hosts here have none to choose. */
