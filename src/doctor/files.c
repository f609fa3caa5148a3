// SPDX-License-Identifier: Apache-2.0
/* Who may read and write the agent's files. */
#include "base/count.h"
#include "base/refusal.h"
#include "doctor/checks.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define CHECK "files"

static void check_mode(struct doctor *doctor, const char *path, const char *what, mode_t forbidden,
		       bool required);
static void read_credentials(struct doctor *doctor);

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
	doctor_mend(doctor, "chmod %03o '%.300s'",
		    (unsigned int)(status.st_mode & 0777 & ~forbidden), path);
}

static void read_credentials(struct doctor *doctor)
{
	struct refusal why = {};
	int r = credentials_read(doctor->credentials_file, &doctor->credentials, &why);

	if (r == REFUSED)
		doctor_say(doctor, VERDICT_PROBLEM, "key", "%.200s: %.150s",
			   doctor->credentials_file, why.text);
	else if (r < 0)
		doctor_say(doctor, r == -ENOENT ? VERDICT_PROBLEM : VERDICT_UNSEEN, "key",
			   "cannot read %.200s: %s", doctor->credentials_file, strerrordesc_np(-r));
	if (r == -ENOENT)
		doctor_mend(doctor,
			    "scp CONTROLLER:/var/lib/tmirror/agent.env '%.200s'; it names ca.pem, "
			    "which goes with it",
			    doctor->credentials_file);
}
