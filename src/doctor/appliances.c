// SPDX-License-Identifier: Apache-2.0
#include "doctor/appliances.h"

#include "base/array.h"
#include "base/count.h"
#include "base/text.h"
#include "wire/geneve.h"

#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <net/if.h>

#define ETHERNET_SIZE 14
#define UDP_SIZE      8
#define VXLAN_SIZE    8
#define IPV4_SIZE     20
#define IPV6_SIZE     40
#define MTU_UNKNOWN   1500
/* Two options of 12 bytes and one of 8, IPv4, UDP and VXLAN inside of Geneve. */
#define GATEWAY_SIZE (sizeof(struct geneve_header) + 32 + IPV4_SIZE + UDP_SIZE + VXLAN_SIZE)
#define TIMED_SIZE   (sizeof(struct geneve_header) + 12)

static int list_session(const struct plan *plan, const struct plan_session *session,
			struct appliances *appliances);
static int add(struct appliances *appliances, const struct appliance *appliance);
static uint32_t device_mtu(const char *device);

void appliances_fini(struct appliances *appliances)
{
	free(appliances->items);
	*appliances = (struct appliances){};
}

int appliances_list(const struct plan *plan, struct appliances *ret_appliances)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < plan->session_count; i++)
		r = list_session(plan, &plan->sessions[i], ret_appliances);
	return r;
}

static int list_session(const struct plan *plan, const struct plan_session *session,
			struct appliances *appliances)
{
	const struct plan_source *source = plan_find_source(plan, &session->source);
	const struct plan_target *target = plan_find_target(plan, &session->target);
	const struct fleet *fleet =
		session->fleet[0] != '\0' ? plan_find_fleet(plan, session->fleet) : NULL;
	const bool geneve = session->options.encapsulation == ENCAPSULATION_GENEVE;
	struct appliance appliance = {.session = session->id};
	uint32_t frame = device_mtu(source->device) + ETHERNET_SIZE;
	int r = 0;

	if (session->packet_length != 0)
		frame = MIN(frame, (uint32_t)session->packet_length);
	(void)string_copy(appliance.source, sizeof(appliance.source), source->device);
	appliance.length = frame + UDP_SIZE;
	if (target->gateway.endpoint != 0)
		appliance.length += (uint32_t)GATEWAY_SIZE;
	else
		appliance.length += geneve ? (uint32_t)TIMED_SIZE : VXLAN_SIZE;
	appliance.address = target->address;
	appliance.port = plan_session_port(session, target);
	if (!fleet)
		return target->reachable ? add(appliances, &appliance) : 0;
	for (size_t i = 0; r == 0 && i < fleet->member_count; i++) {
		appliance.address = fleet->members[i].address;
		appliance.port = fleet->members[i].port;
		r = add(appliances, &appliance);
	}
	return r;
}

static int add(struct appliances *appliances, const struct appliance *appliance)
{
	struct appliance added = *appliance;

	added.length += added.address.family == 4 ? IPV4_SIZE : IPV6_SIZE;
	for (size_t i = 0; i < appliances->count; i++) {
		struct appliance *known = &appliances->items[i];

		if (known->port != added.port || !address_equal(&known->address, &added.address))
			continue;
		if (known->length < added.length)
			*known = added;
		return 0;
	}
	return array_append(appliances, items, count, capacity, added);
}

static uint32_t device_mtu(const char *device)
{
	_cleanup_close_ int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {};

	memcpy(request.ifr_name, device, strnlen(device, IFNAMSIZ - 1));
	if (descriptor < 0 || ioctl(descriptor, SIOCGIFMTU, &request) < 0)
		return MTU_UNKNOWN;
	return (uint32_t)request.ifr_mtu;
}
