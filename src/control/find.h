/* From the id that a request names to the caller's own object, or the refusal that its kind has for one that is not there.
 * Private to control/. */
#pragma once

#include "access/identity.h"
#include "control/control.h"
#include "mirror/filter.h"
#include "mirror/session.h"
#include "mirror/source.h"
#include "mirror/target.h"
#include "store/instance.h"

struct endpoint;
struct endpoint_service;
struct selector;
struct service_seeker;
struct stored_credential;

/* The refusal of an id that names nothing. */
int refuse_missing(enum resource_kind kind, const char *id, struct refusal *why);

/* Refuses an id that is not of the kind's shape. */
int id_check(enum resource_kind kind, const char *id, struct refusal *why);

/* All of them return 0, REFUSED or a fault; somebody else's object is not there. */
int find_source(struct control *control, const struct caller *caller, const char *id,
		struct source *ret_source, struct refusal *why);
int find_instance(struct control *control, const struct caller *caller, const char *id,
		  struct stored_instance *ret_instance, struct refusal *why);
/* Without its rules. */
int find_filter(struct control *control, const struct caller *caller, const char *id,
		struct filter *ret_filter, struct refusal *why);
int find_rule(struct control *control, const struct caller *caller, const char *id,
	      struct filter_rule *ret_rule, struct refusal *why);
int find_target(struct control *control, const struct caller *caller, const char *id,
		struct target *ret_target, struct refusal *why);
/* Also one that is shared with the caller: to be sent to, not to be changed. */
int find_usable_target(struct control *control, const struct caller *caller, const char *id,
		       struct target *ret_target, struct refusal *why);
/* Also one that sends to a target which the caller shares: to be looked at, not to be changed. */
int find_visible_session(struct control *control, const struct caller *caller, const char *id,
			 struct session *ret_session, struct refusal *why);
int find_session(struct control *control, const struct caller *caller, const char *id,
		 struct session *ret_session, struct refusal *why);

int find_selector(struct control *control, const struct caller *caller, const char *id,
		  struct selector *ret_selector, struct refusal *why);

int find_endpoint(struct control *control, const struct caller *caller, const char *id,
		  struct endpoint *ret_endpoint, struct refusal *why);
int find_endpoint_service(struct control *control, const struct caller *caller, const char *id,
			  struct endpoint_service *ret_service, struct refusal *why);
/* By its name, and also another account's that is offered to the caller. */
int find_offered_service(struct control *control, const struct caller *caller, const char *name,
			 struct endpoint_service *ret_service, struct refusal *why);
int service_seeker_find(struct control *control, const struct caller *caller,
			struct service_seeker *ret_seeker);

/* Whatever kind the id is of: for tags.  REFUSE_ID_MALFORMED if its prefix is nobody's. */
int find_resource(struct control *control, const struct caller *caller, const char *id,
		  struct refusal *why);

/* A user or role of the caller's account by its name; the caller himself, if he is a user, for NULL. */
int find_identity(struct control *control, const struct caller *caller, enum identity_kind kind,
		  const char *name, struct identity *ret_identity, struct refusal *why);

/* The key of one of the caller's account's users or hosts, and whose it is.  Returns 0, STORE_MISSING or a fault. */
int find_key(struct control *control, const struct caller *caller, enum identity_kind kind,
	     const char *id, struct stored_credential *ret_credential, struct identity *ret_owner);
