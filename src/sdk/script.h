/* For tests: a transport that plays a list of answers and writes down what was asked. */
#pragma once

#include "base/refusal.h"
#include "sdk/client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SCRIPT_LINES_MAX 16

/* What one attempt meets: a failure, or a status with a document. */
struct script_line {
	int failure; /* enum http_failure; 0: an answer comes. */
	int status;
	const char *document;
};

struct script {
	const struct script_line *lines;
	size_t line_count;
	size_t attempts; /* So far. */
	char *bodies[SCRIPT_LINES_MAX];
	const char *services[SCRIPT_LINES_MAX];
	unsigned int pauses[SCRIPT_LINES_MAX];
	size_t pause_count;
};

static int script_send(void *context, const char *service, const struct text *body,
		       unsigned int timeout_milliseconds _unused_, struct http_answer *ret_answer,
		       struct refusal *why)
{
	struct script *script = context;
	const struct script_line *line;

	if (script->attempts >= script->line_count)
		return -ECANCELED;
	line = &script->lines[script->attempts];
	script->services[script->attempts] = service;
	script->bodies[script->attempts++] = strdup(body->data);
	if (line->failure)
		return refuse(why, line->failure, "as rehearsed");
	ret_answer->status = line->status;
	text_append(&ret_answer->body, line->document);
	(void)snprintf(ret_answer->request_id, sizeof(ret_answer->request_id), "request-%zu",
		       script->attempts);
	return 0;
}

static void script_pause(void *context, unsigned int milliseconds)
{
	struct script *script = context;

	script->pauses[script->pause_count++] = milliseconds;
}

static int script_open(struct script *script, const struct script_line *lines, size_t line_count,
		       struct tmirror_client **ret_client)
{
	struct transport transport = {
		.context = script,
		.send = script_send,
		.pause = script_pause,
	};

	*script = (struct script){.lines = lines, .line_count = line_count};
	return client_new_with_transport(&transport, 0, 0, ret_client);
}

static void script_fini(struct script *script)
{
	for (size_t i = 0; i < script->attempts; i++)
		free(script->bodies[i]);
}
