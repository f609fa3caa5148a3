/* A source is a network interface whose traffic is watched.
 *
 * The inventory knows two sorts: those an agent found on its host (a NIC, a tap, the host's end of a container's
 * veth) and those registered by address, which stand for appliances elsewhere.  Both are "network interfaces"
 * (eni-) in the API. */
#pragma once

#include "base/address.h"
#include "mirror/id.h"

#include <stddef.h>

struct refusal;

#define DEVICE_NAME_SIZE       16   /* IFNAMSIZ */
#define HOST_NAME_SIZE         64   /* RFC 1123 label length, and a NUL. */
#define DESCRIPTION_SIZE       1024 /* 255 characters of up to four bytes. */
#define DESCRIPTION_LENGTH_MAX 255
#define SOURCE_ADDRESSES_MAX   16

/* Whose traffic a device shows.  On a tap or on the host's end of a veth the guest's sent packets come *in*. */
enum orientation {
	ORIENTATION_AUTOMATIC, /* As the agent finds it; only as a wish. */
	ORIENTATION_HOST,      /* The device's ingress is the source's ingress. */
	ORIENTATION_GUEST,     /* The device's ingress is the source's egress. */
};

const char *orientation_name(enum orientation orientation);
bool orientation_parse(const char *name, enum orientation *ret_orientation);

/* Whose an interface is: of a host or of somebody who registered it, or made by the service itself for an object of its own,
 * which then is the only one to change or delete it. */
enum interface_type {
	INTERFACE_ORDINARY,
	INTERFACE_NETWORK_LOAD_BALANCER,
	INTERFACE_GATEWAY_LOAD_BALANCER,
	INTERFACE_GATEWAY_LOAD_BALANCER_ENDPOINT,
};

/* EC2's word, as in "network_load_balancer". */
const char *interface_type_name(enum interface_type type);
/* EC2's alias of who made it, as in "amazon-elb"; NULL of ordinary ones. */
const char *interface_type_manager(enum interface_type type);

struct source {
	struct resource_id id;
	enum interface_type type;
	struct account_id owner;
	struct resource_id subnet, vpc;
	struct resource_id
		instance; /* The host or guest it is plugged into; empty when registered by address. */
	char host
		[HOST_NAME_SIZE]; /* The host whose agent sees it; empty when registered by address. */
	char device[DEVICE_NAME_SIZE];
	uint8_t mac[6];
	uint32_t mtu;
	bool attached;                   /* The agent sees the device now. */
	bool primary_ipv4, primary_ipv6; /* Its instance is reached here. */
	enum orientation orientation;    /* As found. */
	enum orientation override; /* As wished by the user; AUTOMATIC leaves it to the agent. */
	struct address addresses[SOURCE_ADDRESSES_MAX]; /* The first is the primary one. */
	size_t address_count;
	char description[DESCRIPTION_SIZE];
	int64_t created; /* Milliseconds since the epoch. */
	int64_t attached_since;
};

/* 1 to 63 letters, digits, '-', '.' and '_', but neither "." nor "..", which mean something else in a path. */
bool host_name_valid(const char *name);

/* Whether the kernel would take the name and a person can read it: 1 to 15 bytes of UTF-8 without blanks, '/', ':',
 * and control characters, and neither "." nor "..".  Other devices cannot be sources. */
bool device_name_valid(const char *name);

/* Whether it is plugged into anything: its host's agent sees the device, or the service has made it. */
bool source_in_use(const struct source *source);

/* Whether an appliance can have the address: not unspecified, multicast or broadcast; no IPv6 link-local one either, which
 * means nothing without a link.  Loopback is usable: an appliance may run on the source's own host. */
bool source_address_usable(const struct address *address);

/* One that nobody sees on a wire, but EC2's interfaces have one: unicast, locally administered. */
void source_make_mac(struct source *source);

/* The orientation in force. */
enum orientation source_orientation(const struct source *source);

/* Whether it is the one of its instance's devices by which the instance is reached in a family. */
bool source_is_primary(const struct source *source, uint8_t family);

/* The first address of a family, or NULL.  AWS's privateIpAddress is the first IPv4 one. */
const struct address *source_get_address(const struct source *source, uint8_t family);
