// SPDX-License-Identifier: Apache-2.0
#include "access/judge.h"

#include "base/text.h"

static const struct reason {
	const char *kind; /* Of policy. */
	bool explicit;
} reasons[] = {
	[ACCESS_DENIED_BY_IDENTITY] = {"an identity-based policy", true},
	[ACCESS_DENIED_BY_SESSION] = {"a session policy", true},
	[ACCESS_DENIED_BY_RESOURCE] = {"a resource-based policy", true},
	[ACCESS_SILENT_IDENTITY] = {"identity-based policy", false},
	[ACCESS_SILENT_SESSION] = {"session policy", false},
	[ACCESS_SILENT_RESOURCE] = {"resource-based policy", false},
};

static int resource_names_caller(const struct access_policies *policies,
				 const struct access_question *question);

int access_judge(const struct access_policies *policies, const struct access_question *question)
{
	int identity, session = POLICY_ALLOWS, resource = POLICY_ALLOWS, direct;

	identity = policies_judge(policies->identity, policies->identity_count, question);
	if (identity < 0 || identity == POLICY_DENIES)
		return identity < 0 ? identity : ACCESS_DENIED_BY_IDENTITY;
	if (policies->session)
		session = policy_judge(policies->session, question);
	if (session < 0 || session == POLICY_DENIES)
		return session < 0 ? session : ACCESS_DENIED_BY_SESSION;
	if (policies->resource)
		resource = policy_judge(policies->resource, question);
	if (resource < 0 || resource == POLICY_DENIES)
		return resource < 0 ? resource : ACCESS_DENIED_BY_RESOURCE;
	if (resource == POLICY_SILENT)
		return ACCESS_SILENT_RESOURCE;
	if (session == POLICY_SILENT)
		return ACCESS_SILENT_SESSION;
	if (identity == POLICY_ALLOWS)
		return ACCESS_GRANTED;
	direct = resource_names_caller(policies, question);
	if (direct < 0)
		return direct;
	return direct ? ACCESS_GRANTED : ACCESS_SILENT_IDENTITY;
}

void access_append_reason(struct text *text, enum access_verdict verdict, const char *action)
{
	const struct reason *reason = &reasons[verdict];

	if (reason->explicit)
		text_printf(text, "with an explicit deny in %s", reason->kind);
	else
		text_printf(text, "because no %s allows the %s action", reason->kind, action);
}

/* Asked on behalf of nobody's account, a policy allows only whom it names, or everybody. */
static int resource_names_caller(const struct access_policies *policies,
				 const struct access_question *question)
{
	struct access_question nameless = *question;
	int verdict;

	if (!policies->resource || !policies->same_account)
		return 0;
	nameless.account = "";
	verdict = policy_judge(policies->resource, &nameless);
	return verdict < 0 ? verdict : verdict == POLICY_ALLOWS;
}
