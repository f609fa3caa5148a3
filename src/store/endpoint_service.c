// SPDX-License-Identifier: Apache-2.0
#include "store/endpoint_service.h"

#include "store/statement.h"
#include "store/tag.h"

#define COLUMNS           "id, owner, balancer, acceptance, created"
#define PRINCIPAL_COLUMNS "service, principal, id"

/* Of a principal, by the first three values of a statement. */
#define MEANS_HIM      "principal IN ('*', $2, $3)"
#define SEEKER(seeker) TEXT((seeker)->account), TEXT((seeker)->everybody), TEXT((seeker)->himself)

int store_put_endpoint_service(struct store *store, const struct endpoint_service *service)
{
	return store_run(store,
			 "INSERT INTO endpoint_services (" COLUMNS ") VALUES ($1, $2, $3, $4, $5) "
			 "ON CONFLICT (id) DO UPDATE SET balancer = excluded.balancer, "
			 "acceptance = excluded.acceptance",
			 VALUES(TEXT(service->id.text), TEXT(service->owner.text),
				TEXT(service->balancer.text), INTEGER(service->acceptance),
				INTEGER(service->created)));
}

int store_get_endpoint_service(struct store *store, const char *id,
			       struct endpoint_service *ret_service)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store, "SELECT " COLUMNS " FROM endpoint_services WHERE id = $1",
			VALUES(TEXT(id)), &cursor);
	if (r < 0)
		return r;
	r = store_next_endpoint_service(cursor, ret_service);
	if (r < 0)
		return r;
	return r == STORE_ROW ? 0 : STORE_MISSING;
}

int store_delete_endpoint_service(struct store *store, const char *id)
{
	int r = store_delete_tags(store, id);

	return r < 0 ? r
		     : store_run_one(store, "DELETE FROM endpoint_services WHERE id = $1",
				     VALUES(TEXT(id)));
}

int store_count_endpoint_services(struct store *store, enum service_selection selection,
				  const char *key, int64_t *ret_count)
{
	static const char *const queries[] = {
		[SERVICES_OF_OWNER] = "SELECT COUNT(*) FROM endpoint_services WHERE owner = $1",
		[SERVICES_OF_BALANCER] =
			"SELECT COUNT(*) FROM endpoint_services WHERE balancer = $1",
	};

	return store_query_integer(store, queries[selection], VALUES(TEXT(key)), ret_count);
}

int store_select_endpoint_services(struct store *store, const char *owner, const char *after,
				   struct cursor **ret_cursor)
{
	return store_query(store,
			   "SELECT " COLUMNS " FROM endpoint_services "
			   "WHERE owner = $1 AND id > $2 ORDER BY id",
			   VALUES(TEXT(owner), TEXT(after)), ret_cursor);
}

int store_select_offered_services(struct store *store, const struct service_seeker *seeker,
				  const char *after, struct cursor **ret_cursor)
{
	return store_query(store,
			   "SELECT " COLUMNS " FROM endpoint_services WHERE id > $4 AND id IN ("
			   "SELECT id FROM endpoint_services WHERE owner = $1 UNION "
			   "SELECT service FROM service_principals WHERE " MEANS_HIM
			   ") ORDER BY id",
			   VALUES(SEEKER(seeker), TEXT(after)), ret_cursor);
}

int store_service_is_offered(struct store *store, const char *id,
			     const struct service_seeker *seeker, bool *ret_offered)
{
	int64_t count = 0;
	int r;

	r = store_query_integer(store,
				"SELECT COUNT(*) FROM endpoint_services WHERE id = $4 AND "
				"(owner = $1 OR EXISTS (SELECT 1 FROM service_principals "
				"WHERE service = $4 AND " MEANS_HIM "))",
				VALUES(SEEKER(seeker), TEXT(id)), &count);
	if (r == 0)
		*ret_offered = count > 0;
	return r;
}

int store_next_endpoint_service(struct cursor *cursor, struct endpoint_service *ret_service)
{
	struct endpoint_service service = {};
	int r = cursor_next(cursor);

	if (r != STORE_ROW)
		return r;
	CURSOR_COPY(cursor, 0, service.id.text);
	CURSOR_COPY(cursor, 1, service.owner.text);
	CURSOR_COPY(cursor, 2, service.balancer.text);
	service.acceptance = cursor_integer(cursor, 3);
	service.created = cursor_integer(cursor, 4);
	*ret_service = service;
	return STORE_ROW;
}

int store_add_service_principal(struct store *store, const struct service_principal *principal)
{
	return store_run(store,
			 "INSERT INTO service_principals (" PRINCIPAL_COLUMNS ") "
			 "VALUES ($1, $2, $3) ON CONFLICT (service, principal) DO NOTHING",
			 VALUES(TEXT(principal->service.text), TEXT(principal->principal),
				TEXT(principal->id.text)));
}

int store_get_service_principal(struct store *store, const char *service, const char *principal,
				struct service_principal *ret_principal)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store,
			"SELECT " PRINCIPAL_COLUMNS " FROM service_principals "
			"WHERE service = $1 AND principal = $2",
			VALUES(TEXT(service), TEXT(principal)), &cursor);
	if (r < 0)
		return r;
	r = store_next_service_principal(cursor, ret_principal);
	if (r < 0)
		return r;
	return r == STORE_ROW ? 0 : STORE_MISSING;
}

int store_delete_service_principal(struct store *store, const char *service, const char *principal)
{
	return store_run_one(store,
			     "DELETE FROM service_principals WHERE service = $1 AND principal = $2",
			     VALUES(TEXT(service), TEXT(principal)));
}

int store_count_service_principals(struct store *store, const char *service, int64_t *ret_count)
{
	return store_query_integer(store,
				   "SELECT COUNT(*) FROM service_principals WHERE service = $1",
				   VALUES(TEXT(service)), ret_count);
}

int store_select_service_principals(struct store *store, const char *service, const char *after,
				    struct cursor **ret_cursor)
{
	return store_query(store,
			   "SELECT " PRINCIPAL_COLUMNS " FROM service_principals "
			   "WHERE service = $1 AND principal > $2 ORDER BY principal",
			   VALUES(TEXT(service), TEXT(after)), ret_cursor);
}

int store_next_service_principal(struct cursor *cursor, struct service_principal *ret_principal)
{
	struct service_principal principal = {};
	int r = cursor_next(cursor);

	if (r != STORE_ROW)
		return r;
	CURSOR_COPY(cursor, 0, principal.service.text);
	CURSOR_COPY(cursor, 1, principal.principal);
	CURSOR_COPY(cursor, 2, principal.id.text);
	*ret_principal = principal;
	return STORE_ROW;
}
