/* Whoever has keys or can be taken on: the users and roles of an account, and its hosts, who need no permission.
 *
 * Plain values.  Names are told apart without case, as IAM does. */
#pragma once

#include "base/cleanup.h"
#include "mirror/id.h"

#include <stdbool.h>
#include <stdint.h>

#define IDENTITY_ID_SIZE          32
#define IDENTITY_NAME_SIZE        65
#define IDENTITY_PATH_SIZE        513
#define IDENTITY_DESCRIPTION_SIZE 1001
#define IDENTITY_ARN_SIZE         640 /* "arn:aws:iam::", account, ":user", path, name. */

/* Stored by number. */
enum identity_kind { IDENTITY_USER, IDENTITY_ROLE, IDENTITY_HOST, IDENTITY_KIND_COUNT };

struct identity {
	char id[IDENTITY_ID_SIZE]; /* "AIDA…", of roles "AROA…"; never used again. */
	struct account_id account;
	enum identity_kind kind;
	char name[IDENTITY_NAME_SIZE];
	char path[IDENTITY_PATH_SIZE]; /* Begins and ends with '/'. */
	int64_t created;               /* Milliseconds since the epoch. */
	/* Of roles: */
	char description[IDENTITY_DESCRIPTION_SIZE];
	int64_t session_seconds_max;
	char *trust; /* The policy that says who may take it on; NULL in others. */
};

void identity_fini(struct identity *identity);
#define _cleanup_identity_ _cleanup_(identity_fini)

/* Letters, digits and "_+=,.@-", at least one and 'maximum' at most. */
bool identity_name_valid(const char *name, size_t maximum);

/* "/", or words of printable ASCII between slashes. */
bool identity_path_valid(const char *path);

/* As in "arn:aws:iam::123456789012:user/division/bob". */
void identity_format_arn(const struct identity *identity, char ret_arn[IDENTITY_ARN_SIZE]);

/* The name, which is valid, as it is compared. */
void identity_fold_name(const char *name, char ret_folded[IDENTITY_NAME_SIZE]);
