/* What the calls about accounts, users, roles, keys and policies share.  Private to control/. */
#pragma once

#include "access/identity.h"
#include "control/credential.h"
#include "store/credential.h"

struct transaction;

#define ADMINISTRATOR_POLICY_NAME "AdministratorAccess"

/* A new identity with an id of its own, and no policy.  Returns 0, or -EEXIST if the name is taken. */
int identity_make(struct control *control, const struct account_id *account,
		  enum identity_kind kind, const char *name, struct identity *ret_identity);

/* The identity of that name, which is made if it is not there.  A user gets the policy that allows everything. */
int identity_settle(struct control *control, const struct account_id *account,
		    enum identity_kind kind, const char *name, struct identity *ret_identity);

/* A new id that begins with those four letters, and a new secret. */
void key_pick(const char *prefix, char ret_id[static ACCESS_KEY_ID_SIZE],
	      char ret_secret[static ACCESS_KEY_SECRET_SIZE]);

/* A new key.  'ret_secret' (may be NULL) has room for ACCESS_KEY_SECRET_SIZE. */
int key_make(struct control *control, const struct identity *owner, char *ret_secret,
	     struct stored_credential *ret_credential);

/* transaction_commit(), and whoever is kept parsed is forgotten. */
int identities_commit(struct transaction *transaction, const struct caller *caller,
		      struct refusal *why);
