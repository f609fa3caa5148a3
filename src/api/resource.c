// SPDX-License-Identifier: Apache-2.0
#include "api/resource.h"

#include "api/call.h"
#include "base/count.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int describe_object(const struct resource_type *type, const struct call *call,
			   const char *name, struct resource *resource);
static int describe_any(const struct resource_type *type, const struct call *call, const char *name,
			struct resource *resource);
static int describe_host(const struct resource_type *type, const struct call *call,
			 const char *name, struct resource *resource);
static int describe_identity(const struct resource_type *type, const struct call *call,
			     const char *name, struct resource *resource);
static int describe_trusted(const struct resource_type *type, const struct call *call,
			    const char *name, struct resource *resource);
static void format_place(const struct call *call, const struct account_id *owner,
			 enum resource_kind kind, const struct resource_id *id,
			 char ret_arn[IDENTITY_ARN_SIZE]);

const struct resource_type interface_resource = {describe_object, RESOURCE_INTERFACE};
const struct resource_type subnet_resource = {describe_object, RESOURCE_SUBNET};
const struct resource_type filter_resource = {describe_object, RESOURCE_FILTER};
const struct resource_type rule_resource = {describe_object, RESOURCE_FILTER_RULE};
const struct resource_type target_resource = {describe_object, RESOURCE_TARGET};
const struct resource_type session_resource = {describe_object, RESOURCE_SESSION};
const struct resource_type selector_resource = {describe_object, RESOURCE_SELECTOR};
const struct resource_type vpc_resource = {describe_object, RESOURCE_VPC};
const struct resource_type endpoint_resource = {describe_object, RESOURCE_ENDPOINT};
const struct resource_type endpoint_service_resource = {describe_object, RESOURCE_ENDPOINT_SERVICE};
const struct resource_type any_resource = {describe_any};
const struct resource_type host_resource = {describe_host};
const struct resource_type user_resource = {describe_identity, .noun = "user"};
const struct resource_type user_or_caller_resource = {describe_identity, .noun = "user",
						      .is_caller = true};
const struct resource_type role_resource = {describe_identity, .noun = "role"};
const struct resource_type trusted_role_resource = {describe_trusted, .noun = "role",
						    .trusts = true};

void resource_fini(struct resource *resource)
{
	text_fini(&resource->arn);
	resource_facts_fini(&resource->facts);
	principal_unref(resource->role);
	*resource = (struct resource){};
}

int resource_add_keys(const struct resource *resource, struct access_context *context)
{
	const struct resource_facts *facts = &resource->facts;
	const struct access_value keys[] = {
		{"", "ec2:Vpc", resource->vpc},
		{"", "ec2:Subnet", resource->subnet},
		{"", "ec2:AvailabilityZone", facts->zone},
		{"", "ec2:NetworkInterfaceID", resource->id},
		{"", "ec2:VpceServiceName", facts->service},
		{"", "ec2:VpceServiceOwner", facts->service_owner.text},
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(keys); i++)
		if (keys[i].value[0] != '\0')
			r = access_context_add(context, keys[i].key, keys[i].value);
	for (size_t i = 0; r == 0 && i < facts->tags.count; i++) {
		const struct tag *tag = &facts->tags.items[i];

		r = access_context_add_named(context, "aws:ResourceTag/", tag->key, tag->value);
		if (r == 0)
			r = access_context_add_named(
				context, resource->tag_key ? resource->tag_key : "ec2:ResourceTag/",
				tag->key, tag->value);
	}
	return r;
}

static int describe_object(const struct resource_type *type, const struct call *call,
			   const char *name, struct resource *resource)
{
	struct resource_facts *facts = &resource->facts;
	int r = 0;

	if (name)
		r = control_get_facts(call->control, call->caller, type->kind, name, facts);
	else
		control_get_facts_of_new(call->control, call->caller, type->kind, facts);
	if (r < 0)
		return r;
	format_place(call, &facts->owner, RESOURCE_VPC, &facts->vpc, resource->vpc);
	format_place(call, &facts->owner, RESOURCE_SUBNET, &facts->subnet, resource->subnet);
	if (name && type->kind == RESOURCE_INTERFACE)
		(void)string_copy(resource->id, sizeof(resource->id), name);
	text_printf(&resource->arn, "arn:aws:ec2:%s:%s:%s/%s", control_get_region(call->control),
		    facts->owner.text, resource_kind_name(type->kind), name ? name : "*");
	return 0;
}

/* What no kind has for an id is nothing that a policy could name. */
static int describe_any(const struct resource_type *type, const struct call *call, const char *name,
			struct resource *resource)
{
	struct resource_type found = *type;

	found.kind = resource_id_kind(name);
	if (found.kind != RESOURCE_NONE)
		return describe_object(&found, call, name, resource);
	text_append(&resource->arn, "*");
	return 0;
}

static int describe_host(const struct resource_type *type, const struct call *call,
			 const char *name, struct resource *resource)
{
	(void)type;
	text_printf(&resource->arn, "arn:aws:ec2:%s:%s:traffic-mirror-host/%s",
		    control_get_region(call->control), call->caller->account.text, name);
	return 0;
}

/* One that is yet to be made has the path that it will have. */
static int describe_identity(const struct resource_type *type, const struct call *call,
			     const char *name, struct resource *resource)
{
	const enum identity_kind kind = strcmp(type->noun, "role") == 0 ? IDENTITY_ROLE
									: IDENTITY_USER;
	const char *path = call_get_text(call, "Path");
	char arn[IDENTITY_ARN_SIZE];
	int r;

	if (!name) {
		text_append(&resource->arn, call->caller->arn);
		return 0;
	}
	r = principal_format_arn(call->control, &call->caller->account, kind, name, arn);
	if (r < 0)
		return r;
	if (r == 0)
		text_append(&resource->arn, arn);
	else
		text_printf(&resource->arn, "arn:aws:iam::%s:%s%s%s", call->caller->account.text,
			    type->noun, path ? path : "/", name);
	return 0;
}

static int describe_trusted(const struct resource_type *type, const struct call *call,
			    const char *name, struct resource *resource)
{
	(void)type;
	text_append(&resource->arn, name);
	return principal_find_role(call->control, name, &resource->role);
}

static void format_place(const struct call *call, const struct account_id *owner,
			 enum resource_kind kind, const struct resource_id *id,
			 char ret_arn[IDENTITY_ARN_SIZE])
{
	ret_arn[0] = '\0';
	if (resource_id_set(id))
		(void)snprintf(ret_arn, IDENTITY_ARN_SIZE, "arn:aws:ec2:%s:%s:%s/%s",
			       control_get_region(call->control), owner->text,
			       resource_kind_name(kind), id->text);
}
