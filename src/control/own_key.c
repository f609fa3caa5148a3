// SPDX-License-Identifier: Apache-2.0
#include "control/own_key.h"

#include "base/text.h"
#include "control/identity_make.h"
#include "control/sealing.h"
#include "control/state.h"
#include "store/store.h"

#include <string.h>

static int key_find(struct control *control, const struct identity *hosts, const char *host,
		    const char *but, char ret_id[static CREDENTIAL_ID_SIZE]);

int own_key_make(struct control *control, const struct identity *hosts, const char *host,
		 struct stored_credential *ret_credential)
{
	struct stored_credential credential = {.enabled = true, .created = control_now(control)};
	char secret[ACCESS_KEY_SECRET_SIZE];
	int r;

	key_pick("AKIA", credential.id, secret);
	memcpy(credential.identity, hosts->id, sizeof(credential.identity));
	(void)string_copy(credential.host, sizeof(credential.host), host);
	r = sealing_close(control, secret, &credential);
	explicit_bzero(secret, sizeof(secret));
	if (r == 0)
		r = store_add_credential(control->store, &credential);
	if (r == 0)
		*ret_credential = credential;
	return r;
}

int own_keys_end(struct control *control, const struct identity *hosts, const char *host,
		 const char *but)
{
	char id[CREDENTIAL_ID_SIZE];
	int r;

	while ((r = key_find(control, hosts, host, but, id)) == 0) {
		r = store_delete_credential(control->store, id);
		if (r != 0)
			break;
	}
	return r == STORE_MISSING ? 0 : r;
}

/* One at a time: a cursor does not outlive a change of its rows. */
static int key_find(struct control *control, const struct identity *hosts, const char *host,
		    const char *but, char ret_id[static CREDENTIAL_ID_SIZE])
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct stored_credential credential;
	int r;

	r = store_select_host_credentials(control->store, hosts->id, host, &cursor);
	while (r >= 0 && (r = store_next_credential(cursor, &credential)) == STORE_ROW) {
		if (but && strcmp(credential.id, but) == 0)
			continue;
		memcpy(ret_id, credential.id, CREDENTIAL_ID_SIZE);
		return 0;
	}
	return r < 0 ? r : STORE_MISSING;
}
