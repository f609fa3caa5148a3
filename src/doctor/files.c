// SPDX-License-Identifier: Apache-2.0
/* Who may read and write the agent's files. */
#include "base/file.h"
#include "base/refusal.h"
#include "base/text.h"
#include "doctor/checks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CHECK                "files"
#define CREDENTIALS_SIZE_MAX ((size_t)64 << 10)

static void check_mode(struct doctor *doctor, const char *path, const char *what, mode_t forbidden,
		       bool required);
static bool is_ours(const struct stat *status);
static void read_credentials(struct doctor *doctor);

int doctor_read_credentials(const char *path, struct credentials *ret_credentials,
			    struct refusal *why)
{
	_cleanup_free_ char *text = NULL;
	char place[PATH_MAX];
	struct stat status;
	size_t size;
	int r;

	/* A link that root made, as Kubernetes makes them for secrets, may be followed. */
	if (lstat(path, &status) < 0)
		return -errno;
	if (!S_ISLNK(status.st_mode) || !is_ours(&status) || !realpath(path, place))
		(void)string_copy(place, sizeof(place), path);
	r = file_read_plain(place, CREDENTIALS_SIZE_MAX, &text, &size);
	if (r < 0)
		return r;
	r = credentials_parse(text, ret_credentials, why);
	explicit_bzero(text, size);
	return r;
}

void check_files(struct doctor *doctor)
{
	char plan[PATH_MAX + 16];

	if (!doctor->settings)
		return;
	(void)snprintf(plan, sizeof(plan), "%s/plan.json", doctor->state);
	check_mode(doctor, doctor->credentials_file, "the host's key", S_IRWXO | S_IWGRP, true);
	check_mode(doctor, doctor->state, "the state directory", S_IWGRP | S_IWOTH, true);
	check_mode(doctor, plan, "the saved plan", S_IWGRP | S_IRWXO, false);
	if (doctor->config)
		check_mode(doctor, doctor->config, "the file of settings", S_IWGRP | S_IWOTH, true);
	read_credentials(doctor);
}

static void check_mode(struct doctor *doctor, const char *path, const char *what, mode_t forbidden,
		       bool required)
{
	struct stat status;
	char mode[8];

	/* Another's link could lead the command that is told to any file. */
	if (lstat(path, &status) == 0 && S_ISLNK(status.st_mode) && !is_ours(&status)) {
		doctor_say(doctor, VERDICT_PROBLEM, CHECK,
			   "%s, %.200s, is a symbolic link of another user's", what, path);
		return;
	}
	if (stat(path, &status) < 0) {
		if (errno != ENOENT)
			doctor_say(doctor, VERDICT_UNSEEN, CHECK, "cannot look at %.200s: %s", path,
				   strerrordesc_np(errno));
		else if (required)
			doctor_say(doctor, VERDICT_PROBLEM, CHECK, "%s, %.200s, is not there", what,
				   path);
		return;
	}
	if ((status.st_mode & forbidden) == 0) {
		doctor_say(doctor, VERDICT_OK, CHECK, "%s, %.200s, is closed to others", what,
			   path);
		return;
	}
	doctor_say(doctor, VERDICT_PROBLEM, CHECK,
		   "%s, %.200s, is open to others: its mode is %03o", what, path,
		   (unsigned int)status.st_mode & 0777);
	(void)snprintf(mode, sizeof(mode), "%03o",
		       (unsigned int)(status.st_mode & 0777 & ~forbidden));
	doctor_mend(doctor, "chmod %s %s", mode, path);
}

static bool is_ours(const struct stat *status)
{
	return status->st_uid == 0 || status->st_uid == geteuid();
}

static void read_credentials(struct doctor *doctor)
{
	struct refusal why = {};
	int r = doctor_read_credentials(doctor->credentials_file, &doctor->credentials, &why);

	if (r == REFUSED)
		doctor_say(doctor, VERDICT_PROBLEM, "key", "%.200s: %.150s",
			   doctor->credentials_file, why.text);
	else if (r < 0)
		doctor_say(doctor, r == -ENOENT ? VERDICT_PROBLEM : VERDICT_UNSEEN, "key",
			   "cannot read %.200s: %s", doctor->credentials_file, strerrordesc_np(-r));
	if (r == -ENOENT)
		doctor_mend(doctor,
			    "scp CONTROLLER:/var/lib/tmirror/agent.env %s; it names ca.pem, "
			    "which goes with it",
			    doctor->credentials_file);
}
