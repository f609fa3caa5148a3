// SPDX-License-Identifier: Apache-2.0
/* What can be asked of sessions; session.h declares it. */
#include "base/count.h"
#include "base/text.h"
#include "control/describe.h"
#include "control/find.h"
#include "control/session.h"
#include "control/session_fields.h"
#include "control/state.h"
#include "store/session.h"
#include "store/tag.h"

#include <string.h>

static int sessions_complete(struct describe *describe, void *record);
static int sessions_next(struct describe *describe, struct cursor *cursor, void *record);
static int sessions_find(struct describe *describe, const char *id, void *record,
			 struct refusal *why);
static void sessions_fini(void *record);
static void sessions_key(const void *record, struct text *ret_key);
static const struct tags *sessions_tags(const void *record);

static const struct field fields[] = {SESSION_FIELDS};

static const struct noun sessions = {
	.name = "sessions",
	.record_size = sizeof(struct session_record),
	.fields = fields,
	.field_count = ARRAY_SIZE(fields),
	.select = sessions_select,
	.next = sessions_next,
	.find = sessions_find,
	.complete = sessions_complete,
	.fini = sessions_fini,
	.key = sessions_key,
	.tags = sessions_tags,
};

/* The fields work on records that begin with their session. */
_Static_assert(offsetof(struct session_record, session) == 0, "session_fields reads it");

DEFINE_PAGE_FINI(struct session_page, session_page_fini, session_record_fini)

int control_describe_sessions(struct control *control, const struct caller *caller,
			      const struct query *query, struct session_page *ret_page,
			      struct refusal *why)
{
	struct describe describe = {control, caller, &sessions, query};
	struct page page;
	int r = describe_run(&describe, &page, why);

	if (r == 0)
		PAGE_TAKE(ret_page, page);
	return r;
}

static int sessions_next(struct describe *describe _unused_, struct cursor *cursor, void *record)
{
	return store_next_session(cursor, &((struct session_record *)record)->session);
}

static int sessions_find(struct describe *describe, const char *id, void *record,
			 struct refusal *why)
{
	struct session_record *found = record;

	return find_visible_session(describe->control, describe->caller, id, &found->session, why);
}

static int sessions_complete(struct describe *describe, void *record)
{
	struct session_record *found = record;

	if (strcmp(found->session.owner.text, describe->caller->account.text) != 0)
		return 0; /* Tags are for their owner. */
	return store_load_tags(describe->control->store, found->session.id.text, &found->tags);
}

static void sessions_fini(void *record)
{
	session_record_fini(record);
}

static void sessions_key(const void *record, struct text *ret_key)
{
	text_append(ret_key, ((const struct session_record *)record)->session.id.text);
}

static const struct tags *sessions_tags(const void *record)
{
	return &((const struct session_record *)record)->tags;
}
