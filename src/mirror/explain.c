// SPDX-License-Identifier: Apache-2.0
/* The classifier of capture/kernel/, spelled out naively: what the kernel does in one pass over tables is done here
 * in the order of the manual, so that each can be judged by the other. */
#include "mirror/explain.h"

#include "base/count.h"

#include <netinet/in.h>
#include <stdio.h>

#define DNS_PORT 53

struct excluded_ports {
	uint8_t family;
	uint16_t client, server;
	const char *name;
};

struct excluded_address {
	struct address address;
	const char *name;
};

#define IPV4(a, b, c, d)                             \
	{                                            \
		.family = 4, .bytes = { a, b, c, d } \
	}
#define EC2_IPV6(high, low)                                                           \
	{                                                                             \
		.family = 6, .bytes = {0xfd, 0, 0x0e, 0xc2, [14] = high, [15] = low}, \
	}

static const struct excluded_ports excluded_ports[] = {
	{4, 68, 67, "DHCP"},
	{6, 546, 547, "DHCPv6"},
};

static const struct excluded_address excluded_addresses[] = {
	{IPV4(169, 254, 169, 254), "instance metadata"},
	{EC2_IPV6(0x02, 0x54), "instance metadata"},
	{IPV4(169, 254, 169, 123), "time service"},
	{EC2_IPV6(0x01, 0x23), "time service"},
	{IPV4(169, 254, 169, 250), "Windows activation"},
	{IPV4(169, 254, 169, 251), "Windows activation"},
};

static bool port_is_excluded(const struct excluded_ports *row, uint16_t port);
static bool plan_is_own_output(const struct plan *plan, const struct packet_key *key);
static void session_explain(const struct plan *plan, const struct plan_session *session,
			    enum direction direction, const struct packet_key *key,
			    struct explanation *explanation);
static struct explanation service_explain(const struct plan *plan,
					  const struct plan_session *sessions, size_t count);

const char *exclusion_find(const struct packet_key *key)
{
	if (key->protocol == IPPROTO_UDP && key->has_ports)
		for (size_t i = 0; i < ARRAY_SIZE(excluded_ports); i++)
			if (key->source.family == excluded_ports[i].family &&
			    port_is_excluded(&excluded_ports[i], key->source_port) &&
			    port_is_excluded(&excluded_ports[i], key->destination_port))
				return excluded_ports[i].name;
	for (size_t i = 0; i < ARRAY_SIZE(excluded_addresses); i++)
		if (address_equal(&excluded_addresses[i].address, &key->source) ||
		    address_equal(&excluded_addresses[i].address, &key->destination))
			return excluded_addresses[i].name;
	return NULL;
}

bool plan_is_resolver_traffic(const struct plan *plan, const struct packet_key *key)
{
	if (!key->has_ports || (key->protocol != IPPROTO_UDP && key->protocol != IPPROTO_TCP))
		return false;
	for (size_t i = 0; i < plan->resolver_count; i++) {
		const struct address *resolver = &plan->resolvers[i];

		if ((key->source_port == DNS_PORT && address_equal(resolver, &key->source)) ||
		    (key->destination_port == DNS_PORT &&
		     address_equal(resolver, &key->destination)))
			return true;
	}
	return false;
}

struct explanation plan_explain(const struct plan *plan, const struct resource_id *source,
				enum direction direction, const struct packet_key *key)
{
	struct explanation explanation = {.verdict = VERDICT_UNMATCHED};
	const struct plan_session *sessions;
	size_t count;

	explanation.exclusion = plan_is_own_output(plan, key) ? "mirrored traffic"
							      : exclusion_find(key);
	if (explanation.exclusion) {
		explanation.verdict = VERDICT_EXCLUDED;
		return explanation;
	}
	sessions = plan_find_sessions(plan, source, &count);
	if (count == 0)
		return (struct explanation){.verdict = VERDICT_NO_SESSION};
	if (plan_is_resolver_traffic(plan, key))
		return service_explain(plan, sessions, count);
	for (size_t i = 0; i < count && explanation.verdict != VERDICT_MIRRORED; i++)
		session_explain(plan, &sessions[i], direction, key, &explanation);
	return explanation;
}

void explanation_format(const struct explanation *explanation, char *ret_text, size_t size)
{
	const struct plan_session *session = explanation->session;
	const struct filter_rule *rule = explanation->rule;

	switch (explanation->verdict) {
	case VERDICT_MIRRORED:
		if (rule)
			(void)snprintf(ret_text, size,
				       "mirrored by session %s (number %u), rule %u",
				       session->id.text, session->number, rule->number);
		else
			(void)snprintf(
				ret_text, size,
				"mirrored by session %s (number %u), network service amazon-dns",
				session->id.text, session->number);
		return;
	case VERDICT_NO_SESSION:
		(void)snprintf(ret_text, size, "not mirrored: the source has no session");
		return;
	case VERDICT_EXCLUDED:
		(void)snprintf(ret_text, size, "not mirrored: %s is never mirrored",
			       explanation->exclusion);
		return;
	case VERDICT_SERVICE_EXCLUDED:
		(void)snprintf(
			ret_text, size,
			"not mirrored: DNS with the provided resolver, and no session's filter "
			"has the network service amazon-dns");
		return;
	case VERDICT_REJECTED:
		(void)snprintf(ret_text, size,
			       "not mirrored: rejected by session %s (number %u), rule %u",
			       session->id.text, session->number, rule->number);
		return;
	case VERDICT_UNMATCHED:
	case VERDICT_COUNT:
		break;
	}
	(void)snprintf(ret_text, size, "not mirrored: no rule of any session matches");
}

static bool port_is_excluded(const struct excluded_ports *row, uint16_t port)
{
	return port == row->client || port == row->server;
}

/* Copies on their way to an appliance of this host.  The kernel knows its own by a mark as well; here the address must
 * do. */
static bool plan_is_own_output(const struct plan *plan, const struct packet_key *key)
{
	if (!key->has_ports || key->protocol != IPPROTO_UDP)
		return false;
	for (size_t i = 0; i < plan->target_count; i++)
		if (plan->targets[i].reachable && plan->targets[i].port == key->destination_port &&
		    address_equal(&plan->targets[i].address, &key->destination))
			return true;
	return false;
}

/* Asks one session.  A rejection is kept as the best answer so far, since a later session may still accept. */
static void session_explain(const struct plan *plan, const struct plan_session *session,
			    enum direction direction, const struct packet_key *key,
			    struct explanation *explanation)
{
	const struct filter *filter = plan_find_filter(plan, &session->filter);
	const struct filter_rule *rule = filter ? filter_match(filter, direction, key) : NULL;

	if (!rule)
		return;
	explanation->session = session;
	explanation->rule = rule;
	explanation->verdict = rule->action == RULE_ACCEPT ? VERDICT_MIRRORED : VERDICT_REJECTED;
}

/* Network services are not subject to rules: the first session that asks for DNS takes it. */
static struct explanation service_explain(const struct plan *plan,
					  const struct plan_session *sessions, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct filter *filter = plan_find_filter(plan, &sessions[i].filter);

		if (filter && filter->services & SERVICE_AMAZON_DNS)
			return (struct explanation){.verdict = VERDICT_MIRRORED,
						    .session = &sessions[i]};
	}
	return (struct explanation){.verdict = VERDICT_SERVICE_EXCLUDED};
}
