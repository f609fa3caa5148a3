// SPDX-License-Identifier: Apache-2.0
/* A policy that is taken can be asked; one that only denies never allows. */
#include "access/context.h"
#include "access/policy.h"
#include "base/refusal.h"
#include "fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_access_context_ struct access_context context = {};
	const struct access_question question = {
		.action = "ec2:CreateTrafficMirrorSession",
		.resource = "arn:aws:ec2:eu-north-1:123456789012:traffic-mirror-session/*",
		.principal = "arn:aws:iam::123456789012:user/alice",
		.account = "123456789012",
		.context = &context,
	};

	require(access_context_add(&context, "aws:username", "al*ce") == 0);
	require(access_context_add(&context, "aws:SourceIp", "10.0.0.1") == 0);
	require(access_context_add(&context, "aws:CurrentTime", "2026-01-02T03:04:05Z") == 0);
	require(access_context_add(&context, "aws:TagKeys", "owner") == 0);
	require(access_context_add(&context, "aws:TagKeys", "team") == 0);
	for (int kind = POLICY_OF_IDENTITY; kind <= POLICY_OF_TRUST; kind++) {
		_cleanup_(policy_freep) struct policy *policy = NULL;
		struct refusal why = {};
		int verdict;

		if (policy_parse((const char *)data, size, (enum policy_kind)kind, &policy, &why))
			continue;
		verdict = policy_judge(policy, &question);
		require(verdict >= POLICY_SILENT && verdict <= POLICY_DENIES);
		require(verdict != POLICY_ALLOWS || memmem(data, size, "llow", 4) ||
			memchr(data, '\\', size));
	}
	return 0;
}
