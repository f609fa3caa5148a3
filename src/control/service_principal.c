// SPDX-License-Identifier: Apache-2.0
/* Who may make endpoints to a service besides its own account; endpoint_service.h declares it. */
#include "base/array.h"
#include "base/count.h"
#include "base/random.h"
#include "base/text.h"
#include "control/describe.h"
#include "control/endpoint_service.h"
#include "control/find.h"
#include "control/principal.h"
#include "control/state.h"
#include "control/transaction.h"
#include "store/endpoint_service.h"
#include "store/store.h"

#include <stdio.h>
#include <string.h>

#define PRINCIPALS_OF_SERVICE_MAX 1000
#define ID_DIGITS                 17

static int principals_check(const struct service_principals_change *change, struct refusal *why);
static int principals_add(struct control *control, const struct service_principals_change *change,
			  const struct endpoint_service *service,
			  struct service_principal_page *added, struct refusal *why);
static void principal_make(const struct endpoint_service *service, const char *text,
			   struct service_principal *ret_principal);

static int principals_select(struct describe *describe, const char *after,
			     struct cursor **ret_cursor);
static int principals_next(struct describe *describe, struct cursor *cursor, void *record);
static void principals_key(const void *record, struct text *ret_key);
static void offer_principal(const void *record, struct match *match);
static void offer_type(const void *record, struct match *match);

static const struct field fields[] = {
	{"principal", offer_principal},
	{"principal-type", offer_type},
};

static const struct noun principals = {
	.name = "service-principals",
	.record_size = sizeof(struct service_principal),
	.fields = fields,
	.field_count = ARRAY_SIZE(fields),
	.select = principals_select,
	.next = principals_next,
	.key = principals_key,
};

void service_principal_page_fini(struct service_principal_page *page)
{
	free(page->items);
	free(page->next_token);
	*page = (struct service_principal_page){};
}

int control_modify_service_principals(struct control *control, const struct caller *caller,
				      const struct service_principals_change *change,
				      struct service_principal_page *ret_added, struct refusal *why)
{
	_cleanup_(service_principal_page_fini) struct service_principal_page added = {};
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct endpoint_service service;
	int r;

	r = principals_check(change, why);
	if (r == 0)
		r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_endpoint_service(control, caller, change->service, &service, why);
	for (size_t i = 0; r == 0 && i < change->remove_count; i++) {
		r = store_delete_service_principal(control->store, service.id.text,
						   change->remove[i]);
		r = r == STORE_MISSING ? 0 : r;
	}
	if (r == 0)
		r = principals_add(control, change, &service, &added, why);
	if (r == 0)
		r = transaction_commit(&transaction, caller, why);
	if (r != 0)
		return r;
	*ret_added = added;
	added = (struct service_principal_page){};
	return 0;
}

int control_describe_service_principals(struct control *control, const struct caller *caller,
					const char *service, const struct query *query,
					struct service_principal_page *ret_page,
					struct refusal *why)
{
	struct describe describe = {control, caller, &principals, query, .scope = service};
	struct endpoint_service own;
	struct page page;
	int r;

	r = find_endpoint_service(control, caller, service, &own, why);
	if (r == 0)
		r = describe_run(&describe, &page, why);
	if (r == 0)
		PAGE_TAKE(ret_page, page);
	return r;
}

/* Who has no identity any more is still of his account. */
int service_seeker_find(struct control *control, const struct caller *caller,
			struct service_seeker *ret_seeker)
{
	_cleanup_(principal_unrefp) struct principal *principal = NULL;
	struct service_seeker seeker = {.account = caller->account.text};
	struct refusal nobody;
	int r;

	r = principal_find(control, caller->principal, &principal, &nobody);
	if (r < 0)
		return r;
	principal_format_account(caller->account.text, seeker.everybody);
	/* What does not fit is no principal's name. */
	(void)string_copy(seeker.himself, sizeof(seeker.himself),
			  principal ? principal->arn : caller->arn);
	*ret_seeker = seeker;
	return 0;
}

static int principals_check(const struct service_principals_change *change, struct refusal *why)
{
	enum principal_type type;

	if (change->add_count + change->remove_count == 0)
		return refuse(why, REFUSE_PARAMETER_MISSING,
			      "The request must contain one of the parameters AddAllowedPrincipals "
			      "and RemoveAllowedPrincipals");
	for (size_t i = 0; i < change->add_count; i++)
		if (!principal_type_find(change->add[i], &type))
			return refuse(why, REFUSE_PARAMETER_VALUE,
				      "The principal '%.256s' is neither '*' nor the ARN of an "
				      "account (…:root), a user or a role",
				      change->add[i]);
	for (size_t i = 0; i < change->add_count; i++)
		for (size_t j = 0; j < change->remove_count; j++)
			if (strcmp(change->add[i], change->remove[j]) == 0)
				return refuse(
					why, REFUSE_PARAMETER_COMBINATION,
					"The principal '%.256s' is both to be added and to be "
					"removed",
					change->add[i]);
	return 0;
}

static int principals_add(struct control *control, const struct service_principals_change *change,
			  const struct endpoint_service *service,
			  struct service_principal_page *added, struct refusal *why)
{
	int64_t count;
	int r = 0;

	for (size_t i = 0; r == 0 && i < change->add_count; i++) {
		struct service_principal principal;

		r = store_get_service_principal(control->store, service->id.text, change->add[i],
						&principal);
		if (r == 0)
			continue;
		principal_make(service, change->add[i], &principal);
		if (r == STORE_MISSING)
			r = store_add_service_principal(control->store, &principal);
		if (r == 0)
			r = array_append(added, items, count, capacity, principal);
	}
	if (r == 0)
		r = store_count_service_principals(control->store, service->id.text, &count);
	if (r < 0 || count <= PRINCIPALS_OF_SERVICE_MAX)
		return r;
	return refuse(why, REFUSE_PARAMETER_VALUE,
		      "The endpoint service '%s' would have %lld principals; %d are possible",
		      service->id.text, (long long)count, PRINCIPALS_OF_SERVICE_MAX);
}

static void principal_make(const struct endpoint_service *service, const char *text,
			   struct service_principal *ret_principal)
{
	unsigned char bytes[(ID_DIGITS + 1) / 2];
	char digits[2 * sizeof(bytes) + 1];

	*ret_principal = (struct service_principal){.service = service->id};
	random_bytes(bytes, sizeof(bytes));
	hex_encode(bytes, sizeof(bytes), digits);
	(void)snprintf(ret_principal->id.text, sizeof(ret_principal->id.text), "vpce-svc-perm-%.*s",
		       ID_DIGITS, digits);
	(void)string_copy(ret_principal->principal, sizeof(ret_principal->principal), text);
}

static int principals_select(struct describe *describe, const char *after,
			     struct cursor **ret_cursor)
{
	return store_select_service_principals(describe->control->store, describe->scope, after,
					       ret_cursor);
}

static int principals_next(struct describe *describe _unused_, struct cursor *cursor, void *record)
{
	return store_next_service_principal(cursor, record);
}

static void principals_key(const void *record, struct text *ret_key)
{
	text_append(ret_key, ((const struct service_principal *)record)->principal);
}

static void offer_principal(const void *record, struct match *match)
{
	match_text(match, ((const struct service_principal *)record)->principal);
}

static void offer_type(const void *record, struct match *match)
{
	enum principal_type type;

	if (principal_type_find(((const struct service_principal *)record)->principal, &type))
		match_text(match, principal_type_name(type));
}
