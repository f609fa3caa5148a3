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

static bool append_word(struct text *command, const char *word);
static void make_valid(char *text);

void doctor_fini(struct doctor *doctor)
{
	free(doctor->findings);
	free(doctor->settings);
	free(doctor->plan_text);
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
	make_valid(finding.text);
	if (array_append(doctor, findings, count, capacity, finding) < 0)
		doctor->failed = true;
}

void doctor_mend(struct doctor *doctor, const char *format, ...)
{
	struct finding *finding = doctor->count > 0 ? &doctor->findings[doctor->count - 1] : NULL;
	_cleanup_text_ struct text command = {};
	va_list arguments;
	bool sound = true;

	if (!finding || doctor->failed)
		return;
	va_start(arguments, format);
	while (sound && *format != '\0') {
		size_t plain = strcspn(format, "%");

		text_append_bytes(&command, format, plain);
		format += plain;
		if (*format == '\0')
			break;
		if (format[1] == 's')
			sound = append_word(&command, va_arg(arguments, const char *));
		else if (format[1] == 'd')
			text_printf(&command, "%d", va_arg(arguments, int));
		else
			text_printf(&command, "%u", va_arg(arguments, unsigned int));
		format += 2;
	}
	va_end(arguments);
	doctor->failed |= command.failed;
	if (sound && command.data)
		(void)string_copy(finding->mend, sizeof(finding->mend), command.data);
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

static bool append_word(struct text *command, const char *word)
{
	if (*word == '-')
		return false;
	for (const char *c = word; *c != '\0';) {
		size_t size = text_character_size(c);

		/* The second range is that of the control characters beyond ASCII. */
		if (size == 0 || (unsigned char)*c < 0x20 || *c == 0x7f ||
		    ((unsigned char)c[0] == 0xc2 && (unsigned char)c[1] < 0xa0))
			return false;
		c += size;
	}
	text_append_word(command, word);
	return true;
}

/* It is shown as JSON, too, which is UTF-8; and what was too long was cut anywhere. */
static void make_valid(char *text)
{
	while (*text != '\0') {
		size_t size = text_character_size(text);

		if (size == 0)
			*text = '?';
		text += MAX(size, (size_t)1);
	}
}
