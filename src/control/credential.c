// SPDX-License-Identifier: Apache-2.0
#include "control/credential.h"

#include "base/random.h"
#include "base/text.h"
#include "control/state.h"
#include "mirror/source.h"
#include "store/credential.h"
#include "store/store.h"

#include <stdio.h>
#include <string.h>

#define ID_ALPHABET     "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
#define SECRET_ALPHABET "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

_Static_assert(sizeof(ID_ALPHABET) - 1 == 32, "five bits each");
_Static_assert(sizeof(SECRET_ALPHABET) - 1 == 64, "six bits each");
_Static_assert(CALLER_USER == 0 && CALLER_HOST == 1, "stored");

static void characters_pick(const char *alphabet, size_t count, char *ret_text);

int control_create_access_key(struct control *control, enum caller_kind kind, const char *name,
			      struct access_key *ret_key, struct refusal *why)
{
	struct stored_credential credential = {
		.account = control->account,
		.kind = kind,
		.enabled = true,
		.created = control_now(control),
	};
	int r;

	if (!host_name_valid(name))
		return refuse(
			why, REFUSE_PARAMETER_VALUE,
			"The name '%.80s' is not of 1 to 63 letters, digits, '-', '.' and '_'",
			name);
	memcpy(credential.id, "AKIA", 4);
	characters_pick(ID_ALPHABET, 16, credential.id + 4);
	characters_pick(SECRET_ALPHABET, ACCESS_KEY_SECRET_SIZE - 1, credential.secret);
	memcpy(credential.user_id, "AIDA", 4);
	characters_pick(ID_ALPHABET, 16, credential.user_id + 4);
	(void)snprintf(credential.principal, sizeof(credential.principal),
		       "arn:aws:iam::%s:user/%s", control->account.text, name);
	r = store_add_credential(control->store, &credential);
	if (r < 0)
		return r;
	return control_find_access_key(control, credential.id, ret_key, why);
}

int control_find_access_key(struct control *control, const char *id, struct access_key *ret_key,
			    struct refusal *why)
{
	struct stored_credential credential;
	struct access_key key = {};
	int r;

	r = store_get_credential(control->store, id, &credential);
	if (r < 0)
		return r;
	if (r == STORE_MISSING || !credential.enabled)
		return refuse(why, REFUSE_CREDENTIALS_INVALID,
			      "AWS was not able to validate the provided access credentials");
	(void)string_copy(key.id, sizeof(key.id), credential.id);
	(void)string_copy(key.secret, sizeof(key.secret), credential.secret);
	(void)string_copy(key.caller.arn, sizeof(key.caller.arn), credential.principal);
	(void)string_copy(key.caller.user_id, sizeof(key.caller.user_id), credential.user_id);
	key.caller.account = credential.account;
	key.caller.kind = credential.kind == CALLER_HOST ? CALLER_HOST : CALLER_USER;
	*ret_key = key;
	return 0;
}

int control_enable_access_key(struct control *control, const char *id, bool enabled,
			      struct refusal *why)
{
	int r = store_enable_credential(control->store, id, enabled);

	if (r == STORE_MISSING)
		return refuse(why, REFUSE_CREDENTIALS_INVALID,
			      "The access key '%.32s' does not exist", id);
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
}
