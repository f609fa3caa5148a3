// SPDX-License-Identifier: Apache-2.0
#include "control/find.h"

#include "control/site.h"
#include "control/state.h"
#include "store/credential.h"
#include "store/endpoint.h"
#include "store/endpoint_service.h"
#include "store/filter.h"
#include "store/identity.h"
#include "store/selector.h"
#include "store/session.h"
#include "store/share.h"
#include "store/source.h"
#include "store/store.h"
#include "store/target.h"

#include <string.h>

/* The words are those of EC2 where they are known. */
static const struct {
	enum refusal_code code;
	const char *noun;
} missing[RESOURCE_KIND_COUNT] = {
	[RESOURCE_INTERFACE] = {REFUSE_INTERFACE_NOT_FOUND, "networkInterface"},
	[RESOURCE_INSTANCE] = {REFUSE_INSTANCE_NOT_FOUND, "instance"},
	[RESOURCE_VPC] = {REFUSE_VPC_NOT_FOUND, "vpc"},
	[RESOURCE_SUBNET] = {REFUSE_SUBNET_NOT_FOUND, "subnet"},
	[RESOURCE_FILTER] = {REFUSE_FILTER_NOT_FOUND, "traffic mirror filter"},
	[RESOURCE_FILTER_RULE] = {REFUSE_FILTER_RULE_NOT_FOUND, "traffic mirror filter rule"},
	[RESOURCE_TARGET] = {REFUSE_TARGET_NOT_FOUND, "traffic mirror target"},
	[RESOURCE_SESSION] = {REFUSE_SESSION_NOT_FOUND, "traffic mirror session"},
	[RESOURCE_SELECTOR] = {REFUSE_SELECTOR_NOT_FOUND, "traffic mirror selector"},
	[RESOURCE_ENDPOINT_SERVICE] = {REFUSE_ENDPOINT_SERVICE_NOT_FOUND, "vpc endpoint service"},
	[RESOURCE_ENDPOINT] = {REFUSE_ENDPOINT_NOT_FOUND, "vpc endpoint"},
};

static int found_check(int r, enum resource_kind kind, const char *id,
		       const struct account_id *owner, const struct caller *caller,
		       struct refusal *why);
static int find_site(struct control *control, const struct caller *caller, enum resource_kind kind,
		     const char *id, struct refusal *why);

int refuse_missing(enum resource_kind kind, const char *id, struct refusal *why)
{
	return refuse(why, (int)missing[kind].code, "The %s ID '%.64s' does not exist",
		      missing[kind].noun, id);
}

int id_check(enum resource_kind kind, const char *id, struct refusal *why)
{
	struct resource_id parsed;

	if (resource_id_parse(kind, id, &parsed))
		return 0;
	return refuse(why, REFUSE_PARAMETER_VALUE, "The %s ID '%.64s' is malformed",
		      missing[kind].noun, id);
}

int find_source(struct control *control, const struct caller *caller, const char *id,
		struct source *ret_source, struct refusal *why)
{
	struct source source;
	int r = id_check(RESOURCE_INTERFACE, id, why);

	if (r == 0)
		r = found_check(store_get_source(control->store, id, &source), RESOURCE_INTERFACE,
				id, &source.owner, caller, why);
	if (r == 0)
		*ret_source = source;
	return r;
}

int find_instance(struct control *control, const struct caller *caller, const char *id,
		  struct stored_instance *ret_instance, struct refusal *why)
{
	struct stored_instance instance;
	int r = id_check(RESOURCE_INSTANCE, id, why);

	if (r == 0)
		r = found_check(store_get_instance(control->store, id, &instance),
				RESOURCE_INSTANCE, id, &instance.owner, caller, why);
	if (r == 0)
		*ret_instance = instance;
	return r;
}

int find_filter(struct control *control, const struct caller *caller, const char *id,
		struct filter *ret_filter, struct refusal *why)
{
	struct filter filter;
	int r = id_check(RESOURCE_FILTER, id, why);

	if (r == 0)
		r = found_check(store_get_filter(control->store, id, &filter), RESOURCE_FILTER, id,
				&filter.owner, caller, why);
	if (r == 0)
		*ret_filter = filter;
	return r;
}

int find_rule(struct control *control, const struct caller *caller, const char *id,
	      struct filter_rule *ret_rule, struct refusal *why)
{
	struct account_id owner;
	struct filter_rule rule;
	int r = id_check(RESOURCE_FILTER_RULE, id, why);

	if (r == 0)
		r = found_check(store_get_rule(control->store, id, &rule, &owner),
				RESOURCE_FILTER_RULE, id, &owner, caller, why);
	if (r == 0)
		*ret_rule = rule;
	return r;
}

int find_target(struct control *control, const struct caller *caller, const char *id,
		struct target *ret_target, struct refusal *why)
{
	struct target target;
	int r = id_check(RESOURCE_TARGET, id, why);

	if (r == 0)
		r = found_check(store_get_target(control->store, id, &target), RESOURCE_TARGET, id,
				&target.owner, caller, why);
	if (r == 0)
		*ret_target = target;
	return r;
}

int find_usable_target(struct control *control, const struct caller *caller, const char *id,
		       struct target *ret_target, struct refusal *why)
{
	struct target target;
	bool shared = false;
	int r = id_check(RESOURCE_TARGET, id, why);

	if (r == 0)
		r = store_get_target(control->store, id, &target);
	if (r == 0 && strcmp(target.owner.text, caller->account.text) != 0)
		r = store_has_share(control->store, id, caller->account.text, &shared);
	if (r == 0 || r == STORE_MISSING)
		r = found_check(r, RESOURCE_TARGET, id, shared ? &caller->account : &target.owner,
				caller, why);
	if (r == 0)
		*ret_target = target;
	return r;
}

int find_visible_session(struct control *control, const struct caller *caller, const char *id,
			 struct session *ret_session, struct refusal *why)
{
	struct session session;
	struct target target = {};
	int r = id_check(RESOURCE_SESSION, id, why);

	if (r != 0)
		return r;
	r = store_get_session(control->store, id, &session);
	if (r == 0 && strcmp(session.owner.text, caller->account.text) != 0)
		r = store_get_target(control->store, session.target.text, &target);
	if (r == 0)
		*ret_session = session;
	return found_check(r, RESOURCE_SESSION, id,
			   r == 0 && target.owner.text[0] != '\0' ? &target.owner : &session.owner,
			   caller, why);
}

int find_session(struct control *control, const struct caller *caller, const char *id,
		 struct session *ret_session, struct refusal *why)
{
	struct session session;
	int r = id_check(RESOURCE_SESSION, id, why);

	if (r == 0)
		r = found_check(store_get_session(control->store, id, &session), RESOURCE_SESSION,
				id, &session.owner, caller, why);
	if (r == 0)
		*ret_session = session;
	return r;
}

int find_selector(struct control *control, const struct caller *caller, const char *id,
		  struct selector *ret_selector, struct refusal *why)
{
	_cleanup_selector_ struct selector selector = {};
	int r = id_check(RESOURCE_SELECTOR, id, why);

	if (r == 0)
		r = found_check(store_get_selector(control->store, id, &selector),
				RESOURCE_SELECTOR, id, &selector.model.owner, caller, why);
	if (r != 0)
		return r;
	*ret_selector = selector;
	selector = (struct selector){};
	return 0;
}

int find_endpoint(struct control *control, const struct caller *caller, const char *id,
		  struct endpoint *ret_endpoint, struct refusal *why)
{
	struct endpoint endpoint;
	int r = id_check(RESOURCE_ENDPOINT, id, why);

	if (r == 0)
		r = found_check(store_get_endpoint(control->store, id, &endpoint),
				RESOURCE_ENDPOINT, id, &endpoint.owner, caller, why);
	if (r == 0)
		*ret_endpoint = endpoint;
	return r;
}

int find_endpoint_service(struct control *control, const struct caller *caller, const char *id,
			  struct endpoint_service *ret_service, struct refusal *why)
{
	struct endpoint_service service;
	int r = id_check(RESOURCE_ENDPOINT_SERVICE, id, why);

	if (r == 0)
		r = found_check(store_get_endpoint_service(control->store, id, &service),
				RESOURCE_ENDPOINT_SERVICE, id, &service.owner, caller, why);
	if (r == 0)
		*ret_service = service;
	return r;
}

int find_offered_service(struct control *control, const struct caller *caller, const char *name,
			 struct endpoint_service *ret_service, struct refusal *why)
{
	struct service_seeker seeker;
	struct resource_id id;
	bool offered = false;
	int r = 0;

	if (endpoint_service_parse_name(name, control->region, &id)) {
		r = service_seeker_find(control, caller, &seeker);
		if (r == 0)
			r = store_service_is_offered(control->store, id.text, &seeker, &offered);
	}
	if (r < 0)
		return r;
	if (!offered)
		return refuse(why, REFUSE_SERVICE_NAME,
			      "The vpc endpoint service '%.128s' does not exist", name);
	return store_get_endpoint_service(control->store, id.text, ret_service);
}

int find_resource(struct control *control, const struct caller *caller, const char *id,
		  struct refusal *why)
{
	struct stored_instance instance;
	struct source source;
	struct filter filter;
	struct filter_rule rule;
	struct target target;
	struct session session;
	_cleanup_selector_ struct selector selector = {};
	struct endpoint endpoint;
	struct endpoint_service service;
	enum resource_kind kind = resource_id_kind(id);

	switch (kind) {
	case RESOURCE_INTERFACE:
		return find_source(control, caller, id, &source, why);
	case RESOURCE_INSTANCE:
		return find_instance(control, caller, id, &instance, why);
	case RESOURCE_FILTER:
		return find_filter(control, caller, id, &filter, why);
	case RESOURCE_FILTER_RULE:
		return find_rule(control, caller, id, &rule, why);
	case RESOURCE_TARGET:
		return find_target(control, caller, id, &target, why);
	case RESOURCE_SESSION:
		return find_session(control, caller, id, &session, why);
	case RESOURCE_SELECTOR:
		return find_selector(control, caller, id, &selector, why);
	case RESOURCE_ENDPOINT:
		return find_endpoint(control, caller, id, &endpoint, why);
	case RESOURCE_ENDPOINT_SERVICE:
		return find_endpoint_service(control, caller, id, &service, why);
	case RESOURCE_VPC:
	case RESOURCE_SUBNET:
		return find_site(control, caller, kind, id, why);
	default:
		return refuse(why, REFUSE_ID_MALFORMED, "The ID '%.64s' is not valid", id);
	}
}

int find_identity(struct control *control, const struct caller *caller, enum identity_kind kind,
		  const char *name, struct identity *ret_identity, struct refusal *why)
{
	struct identity own = {};
	int r;

	if (name)
		r = store_find_identity(control->store, caller->account.text, kind, name,
					ret_identity);
	else
		r = store_get_identity(control->store, caller->principal, &own);
	if (r < 0 || (r == 0 && name))
		return r;
	if (r == 0 && own.kind == kind) {
		*ret_identity = own;
		return 0;
	}
	identity_fini(&own);
	if (!name)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "Must specify userName when calling with non-User credentials");
	return refuse(why, REFUSE_ENTITY_NOT_FOUND, "The %s with name %.80s cannot be found.",
		      kind == IDENTITY_ROLE ? "role" : "user", name);
}

int find_key(struct control *control, const struct caller *caller, enum identity_kind kind,
	     const char *id, struct stored_credential *ret_credential, struct identity *ret_owner)
{
	_cleanup_identity_ struct identity owner = {};
	int r;

	r = store_get_credential(control->store, id, ret_credential);
	if (r == 0)
		r = store_get_identity(control->store, ret_credential->identity, &owner);
	if (r != 0)
		return r;
	if (owner.kind != kind || strcmp(owner.account.text, caller->account.text) != 0)
		return STORE_MISSING;
	*ret_owner = owner;
	owner = (struct identity){};
	return 0;
}

/* What the store answered, seen by the caller.  'owner' is looked at only if something was found. */
static int found_check(int r, enum resource_kind kind, const char *id,
		       const struct account_id *owner, const struct caller *caller,
		       struct refusal *why)
{
	if (r < 0)
		return r;
	if (r == STORE_MISSING || strcmp(owner->text, caller->account.text) != 0)
		return refuse_missing(kind, id, why);
	return 0;
}

static int find_site(struct control *control, const struct caller *caller, enum resource_kind kind,
		     const char *id, struct refusal *why)
{
	struct site site = control_get_site(control, caller);
	const struct resource_id *own = kind == RESOURCE_VPC ? &site.vpc : &site.subnet;
	int r = id_check(kind, id, why);

	if (r == 0 && strcmp(own->text, id) != 0)
		r = refuse_missing(kind, id, why);
	return r;
}
