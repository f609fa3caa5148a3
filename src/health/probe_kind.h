/* What probe.c and the kinds of probes share. */
#pragma once

#include "health/probe.h"

#include <curl/curl.h>

struct probe_kind {
	/* Asks.  Returns 0, or what went wrong. */
	int (*start)(struct probe *probe, const struct health_check *check);
	/* Called when the socket has one of 'events' or an error; FINDING_PENDING: that was not it.  NULL: libcurl has
	 * the socket, and says when it is done. */
	enum finding (*read)(struct probe *probe);
	short events;
	/* What it means that nothing came in time. */
	enum finding (*expire)(const struct probe *probe);
};

extern const struct probe_kind probe_tcp, probe_udp, probe_icmp, probe_http;

struct probe {
	struct prober *prober;
	const struct probe_kind *kind;
	void *owner;
	enum finding finding;
	uint64_t deadline;
	struct address address;
	uint16_t port;
	uint32_t mark;
	int socket;     /* -1: none, or libcurl's. */
	uint64_t token; /* ICMP: what the echo has to bring back. */

	/* HTTP and HTTPS. */
	CURLM *transfers;
	CURL *transfer;
	const char *scheme;
	char codes[CHECK_CODES_SIZE];
	size_t head_size; /* Of the answer, so far. */
};

/* What an errno of asking means: mostly that the appliance cannot be reached, but some say only that this host lacks something. */
enum finding probe_judge_error(int error);

enum finding probe_expire_silent(const struct probe *probe);

/* What libcurl's result means. */
enum finding probe_http_judge(const struct probe *probe, CURLcode result);
