// SPDX-License-Identifier: Apache-2.0
#include "doctor/doctor.h"

#include "base/array.h"
#include "base/count.h"
#include "base/text.h"
#include "doctor/checks.h"

#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The agent goes first: what it is told says where everything else is. */
static void (*const checks[])(struct doctor *doctor) = {
	check_agent,   check_files, check_kernel,   check_rings,
	check_sources, check_paths, check_firewall, check_controller,
};

void doctor_fini(struct doctor *doctor)
{
	free(doctor->findings);
	free(doctor->settings);
	plan_free(doctor->plan);
	explicit_bzero(&doctor->credentials, sizeof(doctor->credentials));
	*doctor = (struct doctor){};
}

int doctor_examine(struct doctor *doctor)
{
	(void)libbpf_set_print(NULL); /* What it would print are findings. */
	for (size_t i = 0; i < ARRAY_SIZE(checks); i++)
		checks[i](doctor);
	return doctor->failed ? -ENOMEM : 0;
}

void doctor_say(struct doctor *doctor, enum verdict verdict, const char *check, const char *format,
		...)
{
	struct finding finding = {.verdict = verdict, .check = check};
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(finding.text, sizeof(finding.text), format, arguments);
	va_end(arguments);
	if (array_append(doctor, findings, count, capacity, finding) < 0)
		doctor->failed = true;
}

void doctor_mend(struct doctor *doctor, const char *format, ...)
{
	struct finding *finding = doctor->count > 0 ? &doctor->findings[doctor->count - 1] : NULL;
	va_list arguments;

	if (!finding || doctor->failed)
		return;
	va_start(arguments, format);
	(void)vsnprintf(finding->mend, sizeof(finding->mend), format, arguments);
	va_end(arguments);
}

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = {
		[VERDICT_OK] = "ok",
		[VERDICT_UNSEEN] = "unseen",
		[VERDICT_WARNING] = "warning",
		[VERDICT_PROBLEM] = "problem",
	};

	return names[verdict];
}

enum verdict doctor_get_verdict(const struct doctor *doctor)
{
	enum verdict gravest = VERDICT_OK;

	for (size_t i = 0; i < doctor->count; i++)
		gravest = MAX(gravest, doctor->findings[i].verdict);
	return gravest;
}
