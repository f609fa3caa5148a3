// SPDX-License-Identifier: Apache-2.0
#include "control/session_fields.h"

#include "control/state.h"
#include "mirror/session.h"
#include "store/session.h"
#include "store/share.h"

int sessions_select(struct describe *describe, const char *after, struct cursor **ret_cursor)
{
	const char *account = describe->caller->account.text;
	bool shares = false;
	int r = store_account_shares(describe->control->store, account, &shares);

	if (r < 0)
		return r;
	return store_select_sessions(describe->control->store,
				     shares ? SESSIONS_SEEN : SESSIONS_OF_OWNER, account, after,
				     ret_cursor);
}

static const struct session *session_of(const void *record)
{
	return record;
}

void session_offer_description(const void *record, struct match *match)
{
	match_text(match, session_of(record)->description);
}

void session_offer_source(const void *record, struct match *match)
{
	match_text(match, session_of(record)->source.text);
}

void session_offer_owner(const void *record, struct match *match)
{
	match_text(match, session_of(record)->owner.text);
}

/* A session that keeps whole packets has no length, so none matches. */
void session_offer_packet_length(const void *record, struct match *match)
{
	if (session_of(record)->packet_length > 0)
		match_number(match, session_of(record)->packet_length);
}

void session_offer_number(const void *record, struct match *match)
{
	match_number(match, session_of(record)->number);
}

void session_offer_filter(const void *record, struct match *match)
{
	match_text(match, session_of(record)->filter.text);
}

void session_offer_id(const void *record, struct match *match)
{
	match_text(match, session_of(record)->id.text);
}

/* Made by hand, it has none, so none matches. */
void session_offer_selector(const void *record, struct match *match)
{
	if (resource_id_set(&session_of(record)->selector))
		match_text(match, session_of(record)->selector.text);
}

void session_offer_target(const void *record, struct match *match)
{
	match_text(match, session_of(record)->target.text);
}

void session_offer_vni(const void *record, struct match *match)
{
	match_number(match, session_of(record)->vni);
}
