// SPDX-License-Identifier: Apache-2.0
#include "control/resolve.h"

#include "base/text.h"
#include "control/state.h"
#include "mirror/endpoint.h"
#include "store/balancer.h"
#include "store/endpoint.h"
#include "store/endpoint_service.h"
#include "store/listener.h"
#include "store/source.h"
#include "store/store.h"
#include "store/target.h"
#include "wire/geneve.h"
#include "wire/vxlan.h"

#include <errno.h>
#include <stdio.h>

static int interface_resolve(struct control *control, const char *id,
			     struct resolution *resolution);
static const struct address *appliance_address(const struct source *source);
static int balancer_resolve(struct control *control, const char *arn, uint16_t port,
			    struct resolution *resolution);
static int endpoint_resolve(struct control *control, const char *id, struct resolution *resolution);
static int gateway_resolve(struct control *control, const struct endpoint *endpoint,
			   struct plan_gateway *ret_gateway);
static int listener_resolve(struct control *control, const struct balancer *balancer, uint16_t port,
			    struct resolution *resolution);
static int lacks(struct resolution *resolution, const char *format, ...) _printf_(2, 3);

int session_resolve(struct control *control, const char *id, const struct session_options *options,
		    struct resolution *ret_resolution)
{
	const uint16_t usual = options->encapsulation == ENCAPSULATION_GENEVE ? GENEVE_PORT
									      : VXLAN_PORT;
	struct resolution resolution = {};
	struct target target;
	int r;

	r = store_get_target(control->store, id, &target);
	if (r != 0)
		return r == STORE_MISSING ? -EBADMSG : r;
	resolution.type = target.type;
	resolution.target = (struct plan_target){.id = target.id, .port = VXLAN_PORT};
	switch (target.type) {
	case TARGET_NETWORK_INTERFACE:
		r = interface_resolve(control, target.locator, &resolution);
		break;
	case TARGET_NETWORK_LOAD_BALANCER:
		r = balancer_resolve(control, target.locator,
				     options->outer_port ? options->outer_port : usual,
				     &resolution);
		break;
	case TARGET_GATEWAY_LOAD_BALANCER_ENDPOINT:
		r = endpoint_resolve(control, target.locator, &resolution);
		break;
	}
	if (r == 0)
		*ret_resolution = resolution;
	return r;
}

static int interface_resolve(struct control *control, const char *id, struct resolution *resolution)
{
	const struct address *address;
	struct source source;
	int r;

	r = store_get_source(control->store, id, &source);
	if (r == STORE_MISSING)
		return lacks(resolution, "The interface '%s' behind the target is gone", id);
	if (r < 0)
		return r;
	address = appliance_address(&source);
	if (!address || (source.host[0] != '\0' && !source.attached))
		return lacks(resolution, "Nothing with an address stands behind the target");
	resolution->target.reachable = true;
	resolution->target.address = *address;
	return 0;
}

/* EC2's private address is the first IPv4 one.  An IPv6 link-local address leads nowhere without its link. */
static const struct address *appliance_address(const struct source *source)
{
	const struct address *address = source_get_address(source, 4);

	for (size_t i = 0; !address && i < source->address_count; i++)
		if (source->addresses[i].bytes[0] != 0xfe ||
		    (source->addresses[i].bytes[1] & 0xc0) != 0x80)
			address = &source->addresses[i];
	return address;
}

static int balancer_resolve(struct control *control, const char *arn, uint16_t port,
			    struct resolution *resolution)
{
	struct balancer balancer;
	int r = store_get_balancer(control->store, arn, &balancer);

	if (r == STORE_MISSING)
		return lacks(resolution, "The load balancer '%s' is gone", arn);
	return r < 0 ? r : listener_resolve(control, &balancer, port, resolution);
}

static int endpoint_resolve(struct control *control, const char *id, struct resolution *resolution)
{
	struct endpoint_service service;
	struct balancer balancer;
	struct endpoint endpoint;
	int r;

	r = store_get_endpoint(control->store, id, &endpoint);
	if (r == STORE_MISSING)
		return lacks(resolution, "The vpc endpoint '%s' is gone", id);
	if (r == 0 && endpoint.state != ENDPOINT_AVAILABLE)
		return lacks(resolution, "The vpc endpoint '%s' is not available but %s", id,
			     endpoint_state_name(endpoint.state));
	if (r == 0)
		r = store_get_endpoint_service(control->store, endpoint.service.text, &service);
	if (r == STORE_MISSING)
		return lacks(resolution, "The service of the vpc endpoint '%s' is gone", id);
	if (r == 0)
		r = gateway_resolve(control, &endpoint, &resolution->target.gateway);
	if (r == 0)
		r = store_get_balancer(control->store, service.balancer.text, &balancer);
	if (r == STORE_MISSING)
		return lacks(resolution, "The load balancer '%s' is gone", service.balancer.text);
	return r < 0 ? r : listener_resolve(control, &balancer, 0, resolution);
}

static int gateway_resolve(struct control *control, const struct endpoint *endpoint,
			   struct plan_gateway *ret_gateway)
{
	struct source source;
	int r = store_get_source(control->store, endpoint->interface.text, &source);

	if (r != 0)
		return r == STORE_MISSING ? -EBADMSG : r;
	*ret_gateway = (struct plan_gateway){
		.endpoint = endpoint_get_number(&endpoint->id),
		.attachment = endpoint->attachment,
		.address = source.addresses[0],
	};
	return 0;
}

static int listener_resolve(struct control *control, const struct balancer *balancer, uint16_t port,
			    struct resolution *resolution)
{
	struct listener listener;
	int r = store_find_listener(control->store, balancer->arn.text, port, &listener);

	if (r == STORE_MISSING && port == 0)
		return lacks(resolution, "The load balancer '%s' has no listener", balancer->name);
	if (r == STORE_MISSING)
		return lacks(resolution, "The load balancer '%s' has no UDP listener on port %u",
			     balancer->name, port);
	if (r < 0)
		return r;
	(void)string_copy(resolution->group, sizeof(resolution->group), listener.group.text);
	resolution->tcp_idle = listener.tcp_idle;
	return 0;
}

/* Returns 0: that copies go nowhere is an answer like others. */
static int lacks(struct resolution *resolution, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(resolution->lack, sizeof(resolution->lack), format, arguments);
	va_end(arguments);
	return 0;
}
