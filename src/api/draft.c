// SPDX-License-Identifier: Apache-2.0
#include "api/draft.h"

#include "api/action.h"
#include "api/errors.h"
#include "api/record.h"
#include "api/record_part.h"
#include "api/visit.h"

#include <errno.h>
#include <string.h>

#define AGENT_LENGTH_MAX 1024
#define DECODED          3 /* A form in memory, beside one as it is sent. */

static void fill_event(struct draft *draft, const struct visit *visit);
static int copy_texts(struct draft *draft, const struct visit *visit, const char *message);
static int read_answer(struct draft *draft, const struct visit *visit);

void draft_fini(struct draft *draft)
{
	event_fini(&draft->event);
	free(draft->message);
	free(draft->agent);
	arguments_fini(&draft->arguments);
	form_fini(&draft->form);
	text_fini(&draft->answer);
	*draft = (struct draft){};
}

int draft_make(struct visit *visit, const struct error_name *error, const char *message,
	       int64_t now, struct draft *ret_draft)
{
	_cleanup_draft_ struct draft draft = {
		.service = visit->service,
		.row = visit->row,
		.caller = visit->key.caller,
		.peer = visit->request->peer,
		.time = now,
		.error = error ? error->name : NULL,
		.status = error ? error->status : 0,
	};
	int r;

	memcpy(draft.request_id, visit->request_id, sizeof(draft.request_id));
	fill_event(&draft, visit);
	r = copy_texts(&draft, visit, error ? message : NULL);
	if (r == 0)
		r = read_answer(&draft, visit);
	if (r < 0)
		return r;
	draft.form = visit->form;
	visit->form = (struct form){};
	draft.arguments = visit->arguments;
	visit->arguments = (struct arguments){};
	draft.size = sizeof(draft) + draft.answer.size +
		     DECODED * (visit->request->body_size + strlen(visit->request->query));
	*ret_draft = draft;
	draft = (struct draft){};
	return 0;
}

void draft_forget_request(struct draft *draft)
{
	draft->row = NULL;
	arguments_fini(&draft->arguments);
	form_fini(&draft->form);
	draft->size = sizeof(*draft) + draft->answer.size;
}

static void fill_event(struct draft *draft, const struct visit *visit)
{
	const bool proven = draft->caller.account.text[0] != '\0';
	const char *slash = strrchr(draft->caller.arn, '/');
	struct event *event = &draft->event;

	event->account = visit->claimed.account;
	event->refused = draft->error != NULL;
	event->read_only = record_only_reads(visit->action);
	random_uuid(event->id);
	(void)string_copy(event->name, sizeof(event->name), visit->action);
	(void)string_copy(event->source, sizeof(event->source), visit->service->source);
	(void)string_copy(event->access_key, sizeof(event->access_key), visit->claimed.key);
	if (proven && slash)
		(void)string_copy(event->username, sizeof(event->username), slash + 1);
}

static int copy_texts(struct draft *draft, const struct visit *visit, const char *message)
{
	const char *agent = http_request_get_header(visit->request, "user-agent");

	draft->message = message ? strdup(message) : NULL;
	draft->agent = agent ? strndup(agent, AGENT_LENGTH_MAX) : NULL;
	return (message && !draft->message) || (agent && !draft->agent) ? -ENOMEM : 0;
}

/* The answer itself is sent, and gone. */
static int read_answer(struct draft *draft, const struct visit *visit)
{
	_cleanup_text_ struct text resources = {};

	record_append_resources(&resources, &visit->arguments);
	if (draft->row && !draft->error && (!draft->event.read_only || draft->row->gives_keys))
		record_append_answer(&draft->answer, &resources, visit->reply->body.data,
				     draft->row, draft->service);
	if (resources.failed || draft->answer.failed)
		return -ENOMEM;
	if (resources.data)
		draft->event.resources = text_steal(&resources);
	return 0;
}
