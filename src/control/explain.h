/* What would become of a packet, by the plan as it is now. */
#pragma once

#include "control/control.h"
#include "mirror/explain.h"

struct explain_result {
	enum verdict verdict;
	struct resource_id session; /* Empty: none. */
	struct resource_id rule;    /* Empty: none. */
	uint16_t session_number, rule_number;
	char sentence[EXPLANATION_SIZE];
};

/* As in "mirrored". */
const char *verdict_name(enum verdict verdict);

int control_explain(struct control *control, const struct caller *caller, const char *interface,
		    enum direction direction, const struct packet_key *key,
		    struct explain_result *ret_result, struct refusal *why);
