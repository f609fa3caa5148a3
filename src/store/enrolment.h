/* Rows of enrolments: hosts that may come for a key of their own. */
#pragma once

#include "mirror/id.h"
#include "mirror/source.h"
#include "store/cursor.h"

struct store;

#define ENROLMENT_ID_SIZE     17
#define ENROLMENT_DIGEST_SIZE 65

struct stored_enrolment {
	char id[ENROLMENT_ID_SIZE];
	struct account_id account;
	char digest[ENROLMENT_DIGEST_SIZE]; /* Of the whole code. */
	char host[HOST_NAME_SIZE];          /* "": any. */
	int64_t created, expires;           /* Milliseconds since the epoch. */
};

int store_add_enrolment(struct store *store, const struct stored_enrolment *enrolment);

/* Both return 0 or STORE_MISSING. */
int store_get_enrolment(struct store *store, const char *id,
			struct stored_enrolment *ret_enrolment);
int store_delete_enrolment(struct store *store, const char *id);

/* Those for the host of that name. */
int store_delete_enrolments_of_host(struct store *store, const char *account, const char *host);

/* Those of an account that were over by then; all of it with INT64_MAX. */
int store_expire_enrolments(struct store *store, const char *account, int64_t when);

int store_count_enrolments(struct store *store, const char *account, int64_t *ret_count);

/* By id, those after 'after'. */
int store_select_enrolments(struct store *store, const char *account, const char *after,
			    struct cursor **ret_cursor);
int store_next_enrolment(struct cursor *cursor, struct stored_enrolment *ret_enrolment);
