// SPDX-License-Identifier: Apache-2.0
/* libcurl waits for its own sockets and for ours in one call, which prober_wake() ends from any thread. */
#include "health/probe.h"

#include "base/clock.h"
#include "base/count.h"
#include "health/probe_kind.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

struct prober {
	uint32_t mark;
	CURLM *transfers;
	struct probe *probes[PROBES_MAX];
	size_t count;
};

static const struct probe_kind *const kinds[] = {
	[CHECK_TCP] = &probe_tcp,   [CHECK_UDP] = &probe_udp,    [CHECK_ICMP] = &probe_icmp,
	[CHECK_HTTP] = &probe_http, [CHECK_HTTPS] = &probe_http,
};

static size_t list_sockets(const struct prober *prober, struct curl_waitfd *ret_sockets,
			   struct probe **ret_owners);
static void read_transfers(struct prober *prober);
static int time_left(const struct prober *prober, uint64_t due);

int prober_new(uint32_t mark, struct prober **ret_prober)
{
	_cleanup_(prober_freep) struct prober *prober = NULL;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return -ENOMEM;
	prober = calloc(1, sizeof(*prober));
	if (!prober)
		return -ENOMEM;
	prober->mark = mark;
	prober->transfers = curl_multi_init();
	if (!prober->transfers)
		return -ENOMEM;
	*ret_prober = TAKE_PTR(prober);
	return 0;
}

void prober_free(struct prober *prober)
{
	if (!prober)
		return;
	curl_multi_cleanup(prober->transfers);
	free(prober);
}

bool prober_has_room(const struct prober *prober)
{
	return prober->count < PROBES_MAX;
}

int probe_new(struct prober *prober, const struct health_check *check,
	      const struct fleet_member *member, uint64_t deadline, void *owner,
	      struct probe **ret_probe)
{
	struct probe *probe;
	int r;

	if (!prober_has_room(prober))
		return -EBUSY;
	probe = calloc(1, sizeof(*probe));
	if (!probe)
		return -ENOMEM;
	*probe = (struct probe){
		.prober = prober,
		.kind = kinds[check->protocol],
		.owner = owner,
		.deadline = deadline,
		.address = member->address,
		.port = member->check_port,
		.mark = prober->mark,
		.socket = -1,
		.transfers = prober->transfers,
		.scheme = check_protocol_name(check->protocol),
	};
	memcpy(probe->codes, check->codes, sizeof(probe->codes));
	prober->probes[prober->count++] = probe;
	r = probe->kind->start(probe, check);
	if (r < 0)
		probe->finding = probe_judge_error(-r);
	*ret_probe = probe;
	return 0;
}

void probe_free(struct probe *probe)
{
	struct prober *prober;

	if (!probe)
		return;
	prober = probe->prober;
	for (size_t i = 0; i < prober->count; i++) {
		if (prober->probes[i] != probe)
			continue;
		prober->probes[i] = prober->probes[--prober->count];
		break;
	}
	if (probe->transfer) {
		(void)curl_multi_remove_handle(prober->transfers, probe->transfer);
		curl_easy_cleanup(probe->transfer);
	}
	closep(&probe->socket);
	free(probe);
}

void probe_set_owner(struct probe *probe, void *owner)
{
	probe->owner = owner;
}

void prober_wait(struct prober *prober, uint64_t due)
{
	struct curl_waitfd sockets[PROBES_MAX];
	struct probe *owners[PROBES_MAX];
	size_t count = list_sockets(prober, sockets, owners);
	uint64_t now;

	(void)curl_multi_poll(prober->transfers, sockets, (unsigned int)count,
			      time_left(prober, due), NULL);
	for (size_t i = 0; i < count; i++)
		if (sockets[i].revents)
			owners[i]->finding = owners[i]->kind->read(owners[i]);
	read_transfers(prober);
	now = clock_monotonic();
	for (size_t i = 0; i < prober->count; i++) {
		struct probe *probe = prober->probes[i];

		if (probe->finding == FINDING_PENDING && now >= probe->deadline)
			probe->finding = probe->kind->expire(probe);
	}
}

void prober_wake(struct prober *prober)
{
	(void)curl_multi_wakeup(prober->transfers);
}

void *prober_take_ended(struct prober *prober, enum finding *ret_finding)
{
	for (size_t i = 0; i < prober->count; i++) {
		if (prober->probes[i]->finding == FINDING_PENDING)
			continue;
		*ret_finding = prober->probes[i]->finding;
		return prober->probes[i]->owner;
	}
	return NULL;
}

enum finding probe_judge_error(int error)
{
	static const int ours[] = {EMFILE, ENFILE, ENOMEM, ENOBUFS, EAGAIN, EADDRNOTAVAIL};

	for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
		if (ours[i] == error)
			return FINDING_FAULT;
	/* "Host unreachable" is what is said of one that did not answer for its address in time. */
	return error == ETIMEDOUT || error == EHOSTUNREACH ? FINDING_TIMED_OUT : FINDING_FAILED;
}

enum finding probe_expire_silent(const struct probe *probe)
{
	(void)probe;
	return FINDING_TIMED_OUT;
}

/* Those that are not libcurl's. */
static size_t list_sockets(const struct prober *prober, struct curl_waitfd *ret_sockets,
			   struct probe **ret_owners)
{
	size_t count = 0;

	for (size_t i = 0; i < prober->count; i++) {
		struct probe *probe = prober->probes[i];

		if (probe->socket < 0 || probe->finding != FINDING_PENDING)
			continue;
		ret_owners[count] = probe;
		ret_sockets[count++] = (struct curl_waitfd){probe->socket, probe->kind->events, 0};
	}
	return count;
}

static void read_transfers(struct prober *prober)
{
	const CURLMsg *message;
	int number;

	(void)curl_multi_perform(prober->transfers, &number);
	while ((message = curl_multi_info_read(prober->transfers, &number))) {
		CURLcode result = message->data.result;
		struct probe *probe = NULL;

		(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&probe);
		if (probe->finding == FINDING_PENDING)
			probe->finding = probe_http_judge(probe, result);
	}
}

/* Milliseconds, rounded up so that what is due is due when the wait is over. */
static int time_left(const struct prober *prober, uint64_t due)
{
	uint64_t now = clock_monotonic(), left;

	for (size_t i = 0; i < prober->count; i++)
		due = prober->probes[i]->finding == FINDING_PENDING
			      ? MIN(due, prober->probes[i]->deadline)
			      : now;
	if (due <= now)
		return 0;
	left = (due - now) / NSEC_PER_MSEC + 1;
	return left > INT_MAX ? INT_MAX : (int)left;
}
