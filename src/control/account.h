/* What requests about accounts mean.  Only the first account's people, who run the service, may make and delete others. */
#pragma once

#include "control/control.h"
#include "control/credential.h"
#include "control/query.h"

#define ACCOUNT_LABEL_SIZE 65

struct account_record {
	struct account_id id;
	char name[ACCOUNT_LABEL_SIZE];
	int64_t created;
};

struct account_page {
	struct account_record *items;
	size_t count, capacity;
	char *next_token; /* NULL: this was the last page. */
};

void account_page_fini(struct account_page *page);

/* Twelve digits, the first not 0, as accounts of AWS mostly look. */
void account_number_make(struct account_id *ret_account);

/* With a user "admin", who may do everything in it, and his key.  'id' may be NULL: then it is made up. */
int control_create_account(struct control *control, const struct caller *caller, const char *name,
			   const char *id, struct account_record *ret_account,
			   struct key_record *ret_key, struct refusal *why);

/* With its users and roles.  Refused while it owns anything else, and of the first account. */
int control_delete_account(struct control *control, const struct caller *caller, const char *id,
			   struct refusal *why);

/* The first account's people see all, others their own. */
int control_describe_accounts(struct control *control, const struct caller *caller,
			      const struct query *query, struct account_page *ret_page,
			      struct refusal *why);
