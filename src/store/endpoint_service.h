/* Rows of endpoint services, and of who may make endpoints to them. */
#pragma once

#include "mirror/endpoint.h"
#include "store/cursor.h"

struct store;

/* Inserts, or replaces the load balancer and whether endpoints have to be accepted. */
int store_put_endpoint_service(struct store *store, const struct endpoint_service *service);

/* Returns 0 or STORE_MISSING. */
int store_get_endpoint_service(struct store *store, const char *id,
			       struct endpoint_service *ret_service);

/* Takes tags and principals along; endpoints stay.  Returns 0 or STORE_MISSING. */
int store_delete_endpoint_service(struct store *store, const char *id);

enum service_selection {
	SERVICES_OF_OWNER,
	SERVICES_OF_BALANCER,
};
int store_count_endpoint_services(struct store *store, enum service_selection selection,
				  const char *key, int64_t *ret_count);

/* By id, those after 'after'. */
int store_select_endpoint_services(struct store *store, const char *owner, const char *after,
				   struct cursor **ret_cursor);

/* Who looks for a service: it is his account's, or one of its principals means him. */
struct service_seeker {
	const char *account;
	char everybody[SERVICE_PRINCIPAL_SIZE]; /* The principal that means all of his account. */
	char himself[SERVICE_PRINCIPAL_SIZE];   /* The one that means him, or "". */
};

int store_select_offered_services(struct store *store, const struct service_seeker *seeker,
				  const char *after, struct cursor **ret_cursor);
int store_service_is_offered(struct store *store, const char *id,
			     const struct service_seeker *seeker, bool *ret_offered);

int store_next_endpoint_service(struct cursor *cursor, struct endpoint_service *ret_service);

/* Whoever is one already stays under his id. */
int store_add_service_principal(struct store *store, const struct service_principal *principal);
/* Returns 0 or STORE_MISSING. */
int store_get_service_principal(struct store *store, const char *service, const char *principal,
				struct service_principal *ret_principal);
int store_delete_service_principal(struct store *store, const char *service, const char *principal);
int store_count_service_principals(struct store *store, const char *service, int64_t *ret_count);

/* By principal, those after 'after'. */
int store_select_service_principals(struct store *store, const char *service, const char *after,
				    struct cursor **ret_cursor);
int store_next_service_principal(struct cursor *cursor, struct service_principal *ret_principal);
