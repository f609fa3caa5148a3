// SPDX-License-Identifier: Apache-2.0
/* An explanation in words: what becomes of the packet, and after semicolons what else there is to know. */
#include "mirror/explain.h"

#include "base/cleanup.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void verdict_format(const struct explanation *explanation, char *text, size_t size);
static void mirrored_format(const struct explanation *explanation, char *text, size_t size);
static void admission_format(const struct session_options *options, char *text, size_t size);
static void further_format(const struct explanation *explanation, char *text, size_t size);
static void add(char *text, size_t size, const char *format, ...) _printf_(3, 4);

void explanation_format(const struct explanation *explanation, char *ret_text, size_t size)
{
	ret_text[0] = '\0';
	verdict_format(explanation, ret_text, size);
	if (explanation->paused)
		add(ret_text, size, "; session %s (number %u) would take it, but is paused",
		    explanation->paused->id.text, explanation->paused->number);
}

static void verdict_format(const struct explanation *explanation, char *text, size_t size)
{
	const struct plan_session *session = explanation->session;

	switch (explanation->verdict) {
	case VERDICT_MIRRORED:
		mirrored_format(explanation, text, size);
		return;
	case VERDICT_NO_SESSION:
		add(text, size, "not mirrored: the source has no session");
		return;
	case VERDICT_EXCLUDED:
		add(text, size, "not mirrored: %s is never mirrored", explanation->exclusion);
		return;
	case VERDICT_SERVICE_EXCLUDED:
		add(text, size,
		    "not mirrored: DNS with the provided resolver, and no session's filter "
		    "has the network service amazon-dns");
		return;
	case VERDICT_REJECTED:
		add(text, size, "not mirrored: rejected by session %s (number %u), rule %u",
		    session->id.text, session->number, explanation->rule->number);
		return;
	case VERDICT_UNMATCHED:
	case VERDICT_COUNT:
		break;
	}
	add(text, size, "not mirrored: no rule of any session matches");
}

static void mirrored_format(const struct explanation *explanation, char *text, size_t size)
{
	const struct plan_session *session = explanation->session;

	add(text, size, "mirrored by session %s (number %u), ", session->id.text, session->number);
	if (explanation->rule)
		add(text, size, "rule %u", explanation->rule->number);
	else
		add(text, size, "network service amazon-dns");
	admission_format(&session->options, text, size);
	further_format(explanation, text, size);
}

/* What depends on chance or on other packets. */
static void admission_format(const struct session_options *options, char *text, size_t size)
{
	if (options->flow_sampling > 1)
		add(text, size, "; may be left out, as one in %u flows is copied",
		    options->flow_sampling);
	if (options->packet_sampling > 1)
		add(text, size, "; may be left out, as one in %u packets is copied",
		    options->packet_sampling);
	if (options->bits_per_second)
		add(text, size, "; may be left out beyond %llu bits per second",
		    (unsigned long long)options->bits_per_second);
	if (options->packets_per_second)
		add(text, size, "; may be left out beyond %llu packets per second",
		    (unsigned long long)options->packets_per_second);
}

static void further_format(const struct explanation *explanation, char *text, size_t size)
{
	for (size_t i = 0; i < explanation->further_count; i++)
		add(text, size, "%s%u", i == 0 ? "; taken as well by number " : ", ",
		    explanation->further[i]->number);
}

/* Appends as much as there is room for. */
static void add(char *text, size_t size, const char *format, ...)
{
	size_t length = strlen(text);
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text + length, size - length, format, arguments);
	va_end(arguments);
}
