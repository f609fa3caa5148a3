// SPDX-License-Identifier: Apache-2.0
#include "control/identity_make.h"

#include "base/random.h"
#include "base/text.h"
#include "control/credential.h"
#include "control/principal.h"
#include "control/sealing.h"
#include "control/state.h"
#include "control/transaction.h"
#include "store/identity.h"
#include "store/policy.h"
#include "store/store.h"

#include <string.h>

#define ID_ALPHABET     "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
#define SECRET_ALPHABET "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

_Static_assert(sizeof(ID_ALPHABET) - 1 == 32, "five bits each");
_Static_assert(sizeof(SECRET_ALPHABET) - 1 == 64, "six bits each");

#define ADMINISTRATOR_POLICY                                                           \
	"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":" \
	"\"*\",\"Resource\":\"*\"}]}"

static void characters_pick(const char *alphabet, size_t count, char *ret_text);

int identity_make(struct control *control, const struct account_id *account,
		  enum identity_kind kind, const char *name, struct identity *ret_identity)
{
	struct identity identity = {
		.account = *account,
		.kind = kind,
		.path = "/",
		.created = control_now(control),
	};
	int r;

	memcpy(identity.id, kind == IDENTITY_ROLE ? "AROA" : "AIDA", 4);
	characters_pick(ID_ALPHABET, 17, identity.id + 4);
	(void)string_copy(identity.name, sizeof(identity.name), name);
	r = store_add_identity(control->store, &identity);
	if (r == 0)
		*ret_identity = identity;
	return r;
}

int identity_settle(struct control *control, const struct account_id *account,
		    enum identity_kind kind, const char *name, struct identity *ret_identity)
{
	int r = store_find_identity(control->store, account->text, kind, name, ret_identity);

	if (r == STORE_MISSING)
		r = identity_make(control, account, kind, name, ret_identity);
	if (r == 0 && kind == IDENTITY_USER)
		r = store_put_policy(control->store, ret_identity->id, ADMINISTRATOR_POLICY_NAME,
				     ADMINISTRATOR_POLICY);
	return r;
}

void key_pick(const char *prefix, char ret_id[static ACCESS_KEY_ID_SIZE],
	      char ret_secret[static ACCESS_KEY_SECRET_SIZE])
{
	memcpy(ret_id, prefix, 4);
	characters_pick(ID_ALPHABET, ACCESS_KEY_ID_SIZE - 5, ret_id + 4);
	characters_pick(SECRET_ALPHABET, ACCESS_KEY_SECRET_SIZE - 1, ret_secret);
}

int key_make(struct control *control, const struct identity *owner, char *ret_secret,
	     struct stored_credential *ret_credential)
{
	struct stored_credential credential = {.enabled = true, .created = control_now(control)};
	char secret[ACCESS_KEY_SECRET_SIZE];
	int r;

	key_pick("AKIA", credential.id, secret);
	memcpy(credential.identity, owner->id, sizeof(credential.identity));
	r = sealing_close(control, secret, &credential);
	if (r == 0)
		r = store_add_credential(control->store, &credential);
	if (r == 0 && ret_secret)
		memcpy(ret_secret, secret, sizeof(secret));
	if (r == 0)
		*ret_credential = credential;
	explicit_bzero(secret, sizeof(secret));
	return r;
}

int identities_commit(struct transaction *transaction, const struct caller *caller,
		      struct refusal *why)
{
	int r = transaction_commit(transaction, caller, why);

	if (r == 0)
		principals_forget(transaction->control);
	return r;
}

/* From an alphabet of 32 or 64, so that no character is likelier than another. */
static void characters_pick(const char *alphabet, size_t count, char *ret_text)
{
	size_t mask = strlen(alphabet) - 1;
	unsigned char bytes[64];

	random_bytes(bytes, sizeof(bytes));
	for (size_t i = 0; i < count; i++)
		ret_text[i] = alphabet[bytes[i] & mask];
	ret_text[count] = '\0';
	explicit_bzero(bytes, sizeof(bytes));
}
