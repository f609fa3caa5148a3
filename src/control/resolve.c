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
#include <string.h>

static int interface_resolve(struct control *control, const struct target *target,
			     struct resolution *resolution);
static const struct address *appliance_address(const struct source *source);
static int balancer_resolve(struct control *control, const struct target *target, uint16_t port,
			    struct resolution *resolution);
static int endpoint_resolve(struct control *control, const struct target *target,
			    struct resolution *resolution);
static int gateway_resolve(struct control *control, const struct endpoint *endpoint,
			   struct plan_gateway *ret_gateway);
static int listener_resolve(struct control *control, const struct balancer *balancer, uint16_t port,
			    struct resolution *resolution);
static int lacks(struct resolution *resolution, const char *format, ...) _printf_(2, 3);

int session_resolve(struct control *control, const char *id, const struct session_options *options,
		    const char *viewer, struct resolution *ret_resolution)
{
	const uint16_t usual = options->encapsulation == ENCAPSULATION_GENEVE ? GENEVE_PORT
									      : VXLAN_PORT;
	struct resolution resolution = {.viewer = viewer};
	struct target target;
	int r;

	r = store_get_target(control->store, id, &target);
	if (r != 0)
		return r == STORE_MISSING ? -EBADMSG : r;
	resolution.type = target.type;
	resolution.target = (struct plan_target){.id = target.id, .port = VXLAN_PORT};
	switch (target.type) {
	case TARGET_NETWORK_INTERFACE:
		r = interface_resolve(control, &target, &resolution);
		break;
	case TARGET_NETWORK_LOAD_BALANCER:
		r = balancer_resolve(control, &target,
				     options->outer_port ? options->outer_port : usual,
				     &resolution);
		break;
	case TARGET_GATEWAY_LOAD_BALANCER_ENDPOINT:
		r = endpoint_resolve(control, &target, &resolution);
		break;
	}
	if (r == 0)
		*ret_resolution = resolution;
	return r;
}

struct resolution_name resolution_name(const struct resolution *resolution,
				       const struct account_id *owner, const char *what,
				       const char *name)
{
	const bool own = resolution->viewer && strcmp(resolution->viewer, owner->text) == 0;
	struct resolution_name result;

	(void)snprintf(result.text, sizeof(result.text),
		       own ? "%s '%.255s'" : "%s behind the target '%.255s'", what,
		       own ? name : resolution->target.id.text);
	return result;
}

static int interface_resolve(struct control *control, const struct target *target,
			     struct resolution *resolution)
{
	const struct address *address;
	struct source source;
	int r;

	r = store_get_source(control->store, target->locator, &source);
	if (r == STORE_MISSING)
		return lacks(
			resolution, "The %s is gone",
			resolution_name(resolution, &target->owner, "interface", target->locator)
				.text);
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

static int balancer_resolve(struct control *control, const struct target *target, uint16_t port,
			    struct resolution *resolution)
{
	struct balancer balancer;
	int r = store_get_balancer(control->store, target->locator, &balancer);

	if (r == STORE_MISSING)
		return lacks(resolution, "The %s is gone",
			     resolution_name(resolution, &target->owner, "load balancer",
					     target->locator)
				     .text);
	return r < 0 ? r : listener_resolve(control, &balancer, port, resolution);
}

static int endpoint_resolve(struct control *control, const struct target *target,
			    struct resolution *resolution)
{
	const struct resolution_name name =
		resolution_name(resolution, &target->owner, "vpc endpoint", target->locator);
	struct endpoint_service service;
	struct balancer balancer;
	struct endpoint endpoint;
	int r;

	r = store_get_endpoint(control->store, target->locator, &endpoint);
	if (r == STORE_MISSING)
		return lacks(resolution, "The %s is gone", name.text);
	if (r == 0 && endpoint.state != ENDPOINT_AVAILABLE)
		return lacks(resolution, "The %s is not available but %s", name.text,
			     endpoint_state_name(endpoint.state));
	if (r == 0)
		r = store_get_endpoint_service(control->store, endpoint.service.text, &service);
	if (r == STORE_MISSING)
		return lacks(resolution, "The service of the %s is gone", name.text);
	if (r == 0)
		r = gateway_resolve(control, &endpoint, &resolution->target.gateway);
	if (r == 0)
		r = store_get_balancer(control->store, service.balancer.text, &balancer);
	if (r == STORE_MISSING)
		return lacks(resolution, "The load balancer of the %s is gone", name.text);
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
	const struct resolution_name name =
		resolution_name(resolution, &balancer->owner, "load balancer", balancer->name);
	struct listener listener;
	int r = store_find_listener(control->store, balancer->arn.text, port, &listener);

	if (r == STORE_MISSING && port == 0)
		return lacks(resolution, "The %s has no listener", name.text);
	if (r == STORE_MISSING)
		return lacks(resolution, "The %s has no UDP listener on port %u", name.text, port);
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
