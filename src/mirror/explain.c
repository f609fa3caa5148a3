// SPDX-License-Identifier: Apache-2.0
/* The classifier of capture/kernel/, spelled out naively: what the kernel does in one pass over tables is done here
 * in the order of the manual, so that each can be judged by the other. */
#include "mirror/explain.h"

#include "base/count.h"

#include <netinet/in.h>

#define DNS_PORT 53

/* What every session is asked. */
struct question {
	const struct plan *plan;
	enum direction direction;
	const struct packet_key *key;
	bool service; /* The packet is a matter of the network service, not of rules. */
};

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
static int is_destination(void *context, const struct address *address, uint16_t port);
static bool session_explain(const struct question *question, const struct plan_session *session,
			    struct explanation *explanation);
static bool session_takes(const struct question *question, const struct plan_session *session,
			  const struct filter_rule **ret_rule);

/* Why a packet is never mirrored, whatever the rules say, or NULL.  The list:
 *
 *	"DHCP"                IPv4 UDP with both ports of 67 and 68
 *	"DHCPv6"              IPv6 UDP with both ports of 546 and 547
 *	"instance metadata"   to or from 169.254.169.254, fd00:ec2::254
 *	"time service"        to or from 169.254.169.123, fd00:ec2::123
 *	"Windows activation"  to or from 169.254.169.250, 169.254.169.251
 *
 * DHCP asks both ports, so that nobody hides from an analyst by choosing one of them as a source port.
 * The kernel's classifier has the same list (capture/kernel/), and a test compares the two. */
static const char *exclusion_find(const struct packet_key *key)
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

/* Whether the packet is DNS with one of the plan's resolvers: UDP or TCP, port 53 on the resolver's side. */
static bool plan_is_resolver_traffic(const struct plan *plan, const struct packet_key *key)
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
	struct question question = {plan, direction, key, plan_is_resolver_traffic(plan, key)};
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
	if (question.service)
		explanation.verdict = VERDICT_SERVICE_EXCLUDED;
	for (size_t i = 0; i < count; i++)
		if (session_explain(&question, &sessions[i], &explanation))
			break;
	return explanation;
}

static bool port_is_excluded(const struct excluded_ports *row, uint16_t port)
{
	return port == row->client || port == row->server;
}

/* Copies on their way to an appliance of this host.  The kernel knows its own by a mark as well; here the address must
 * do. */
static bool plan_is_own_output(const struct plan *plan, const struct packet_key *key)
{
	struct packet_key asked = *key;

	if (!key->has_ports || key->protocol != IPPROTO_UDP)
		return false;
	return plan_visit_appliances(plan, is_destination, &asked) != 0;
}

static int is_destination(void *context, const struct address *address, uint16_t port)
{
	const struct packet_key *key = context;

	return port == key->destination_port && address_equal(address, &key->destination);
}

/* Asks one session, and says whether the packet goes no further.  A rejection is kept as the best answer so far, since a
 * later session may still accept. */
static bool session_explain(const struct question *question, const struct plan_session *session,
			    struct explanation *explanation)
{
	const struct filter_rule *rule = NULL;
	bool takes = session_takes(question, session, &rule);

	if (session->options.paused) {
		if (takes && !explanation->paused)
			explanation->paused = session;
		return false;
	}
	if (takes && explanation->verdict == VERDICT_MIRRORED) {
		explanation->further[explanation->further_count++] = session;
	} else if (takes || (rule && explanation->verdict != VERDICT_MIRRORED)) {
		explanation->verdict = takes ? VERDICT_MIRRORED : VERDICT_REJECTED;
		explanation->session = session;
		explanation->rule = rule;
	}
	return takes && (!session->options.continues ||
			 explanation->further_count == ARRAY_SIZE(explanation->further));
}

/* By its network services or by a rule; the former are no matter of rules. */
static bool session_takes(const struct question *question, const struct plan_session *session,
			  const struct filter_rule **ret_rule)
{
	const struct filter *filter = plan_find_filter(question->plan, &session->filter);

	if (!filter)
		return false;
	if (question->service)
		return filter->services & SERVICE_AMAZON_DNS;
	*ret_rule = filter_match(filter, question->direction, question->key);
	return *ret_rule && (*ret_rule)->action == RULE_ACCEPT;
}
