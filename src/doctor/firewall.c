// SPDX-License-Identifier: Apache-2.0
/* What may drop copies before they leave this host: its nftables, of which iptables' are today mostly a part. */
#include "base/count.h"
#include "base/file.h"
#include "doctor/appliances.h"
#include "doctor/checks.h"
#include "doctor/nft_rules.h"
#include "doctor/program.h"
#include "net/route.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define CHECK            "firewall"
#define RULESET_SIZE_MAX ((size_t)64 << 20)
#define APPLIANCES_MAX   200

static int read_ruleset(struct doctor *doctor, json_t **ret_ruleset);
static void check_legacy(struct doctor *doctor);
static bool check_appliance(struct doctor *doctor, const json_t *ruleset,
			    const struct appliance *appliance);
static bool is_name(const char *name);

static inline void json_freep(json_t **json)
{
	json_decref(*json);
}

void check_firewall(struct doctor *doctor)
{
	_cleanup_appliances_ struct appliances appliances = {};
	_cleanup_(json_freep) json_t *ruleset = NULL;
	bool good = true;

	if (!doctor->plan)
		return;
	check_legacy(doctor);
	if (read_ruleset(doctor, &ruleset) < 0)
		return;
	if (appliances_list(doctor->plan, &appliances) < 0) {
		doctor->failed = true;
		return;
	}
	for (size_t i = 0; i < appliances.count && i < APPLIANCES_MAX; i++)
		good &= check_appliance(doctor, ruleset, &appliances.items[i]);
	if (good)
		doctor_say(doctor, VERDICT_OK, CHECK, "nftables let copies pass");
}

static int read_ruleset(struct doctor *doctor, json_t **ret_ruleset)
{
	static const char *const arguments[] = {"nft", "-j", "list", "ruleset", NULL};
	static const char *const environment[] = {NULL};
	static const struct program_call call = {arguments, environment, RULESET_SIZE_MAX, 0, 0};
	_cleanup_free_ char *output = NULL;
	int r = program_read(&call, &output);

	if (r == 0)
		*ret_ruleset = json_loads(output, 0, NULL);
	if (r == 0 && *ret_ruleset)
		return 0;
	doctor_say(doctor, VERDICT_UNSEEN, CHECK, "nft does not show the rules: %.*s",
		   output ? (int)strcspn(output, "\n") : 60,
		   output ? output : strerrordesc_np(r < 0 ? -r : EPROTO));
	if (r == -ENOENT)
		doctor_mend(doctor, "apt install nftables");
	return -ENODATA;
}

/* Tables of the old iptables are not in nft's list. */
static void check_legacy(struct doctor *doctor)
{
	static const char *const files[] = {"/proc/self/net/ip_tables_names",
					    "/proc/self/net/ip6_tables_names"};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		_cleanup_free_ char *text = NULL;

		if (file_read(files[i], 4096, &text, NULL) == 0 && text[0] != '\0')
			doctor_say(
				doctor, VERDICT_UNSEEN, CHECK,
				"there are tables of legacy iptables (%s), which are not looked at",
				files[i]);
	}
}

static bool check_appliance(struct doctor *doctor, const json_t *ruleset,
			    const struct appliance *appliance)
{
	struct nft_culprit culprit = {};
	struct nft_packet packet = {.destination = appliance->address, .port = appliance->port};
	char address[ADDRESS_TEXT_SIZE];
	enum nft_answer answer;
	struct route route;

	if (route_lookup(&appliance->address, 0, &route) != 0)
		return true; /* Which is told elsewhere. */
	packet.device = route.device;
	answer = nft_judge(ruleset, &packet, &culprit);
	if (answer == NFT_PASSES)
		return true;
	address_format(&appliance->address, address);
	doctor_say(doctor, answer == NFT_DROPS ? VERDICT_PROBLEM : VERDICT_WARNING, CHECK,
		   "the chain %s %s %s %s copies to %s, UDP port %u", culprit.family, culprit.table,
		   culprit.chain, answer == NFT_DROPS ? "drops" : "may drop", address,
		   appliance->port);
	/* nft would read on within a word: the kernel takes names that it does not. */
	if (!is_name(culprit.table) || !is_name(culprit.chain))
		return false;
	doctor_mend(doctor, "nft insert rule %s %s %s %s daddr %s udp dport %u accept",
		    culprit.family, culprit.table, culprit.chain,
		    appliance->address.family == 4 ? "ip" : "ip6", address, appliance->port);
	return false;
}

static bool is_name(const char *name)
{
	return isalpha((unsigned char)*name) &&
	       name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				 "_-.")] == '\0';
}
