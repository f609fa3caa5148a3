/* What ails the mirroring of this host, and the command that mends it.
 *
 * The doctor looks for himself: at the kernel, the files, the network and the firewall, and asks the controller as the agent
 * would.  He needs no agent that runs, and says of everything that he could not see that he could not.  Nothing is changed.
 *
 * An agent's own options count before the file's, so they are taken from the process that runs in this network namespace;
 * of its environment only what are settings, and its program is asked for them as the agent's own user.
 *
 * Whoever runs as the agent must not run anything as the caller, who is root mostly.  So what the agent wrote, and names that
 * devices and rules have, are words in quotes wherever a command is told, and its files are read as a stranger's. */
#pragma once

#include "doctor/process.h"
#include "mirror/plan.h"
#include "sigv4/credentials.h"

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

struct refusal;

/* In order of gravity. */
enum verdict {
	VERDICT_OK,
	VERDICT_UNSEEN, /* Nobody knows. */
	VERDICT_WARNING,
	VERDICT_PROBLEM, /* Copies are not made or do not arrive. */
};

struct finding {
	enum verdict verdict;
	const char *check; /* What was looked at. */
	char text[400];
	char mend[400]; /* A command; empty where there is none. */
};

struct doctor {
	const char *program; /* The agent's; NULL: looked for where programs are. */
	const char
		*config; /* Its file of settings; NULL: as the agent that runs, or the usual one. */

	struct finding *findings;
	size_t count, capacity;
	bool failed; /* There was no memory for a finding. */

	/* What was found out, for the checks that follow. */
	char path[PATH_MAX]; /* Of the program. */
	struct process agent;
	char *settings; /* As --show-config prints them; NULL: not known. */
	char settings_file[PATH_MAX];
	char host[HOST_NAME_SIZE];
	char credentials_file[PATH_MAX], controller[CREDENTIALS_ENDPOINT_SIZE], state[PATH_MAX],
		bpffs[PATH_MAX];
	struct credentials credentials; /* Without a key: none could be read. */
	struct plan *plan;              /* The one that was saved; NULL: none. */
	char *plan_text;                /* What it was read from. */
};

void doctor_fini(struct doctor *doctor);
#define _cleanup_doctor_ _cleanup_(doctor_fini)

/* Looks at everything.  Returns 0, or -ENOMEM. */
int doctor_examine(struct doctor *doctor);

/* Adds a finding, which doctor_mend() may follow: a command, of which each %s is a word for a shell.  The format takes %s, %d
 * and %u.  What has a word that no terminal should be shown, or that would be taken for an option, is left out. */
void doctor_say(struct doctor *doctor, enum verdict verdict, const char *check, const char *format,
		...) _printf_(4, 5);
void doctor_mend(struct doctor *doctor, const char *format, ...) _printf_(2, 3);

/* Reads a file of keys that another user may have put there.  Returns as credentials_read() does; -ELOOP for a link of his. */
int doctor_read_credentials(const char *path, struct credentials *ret_credentials,
			    struct refusal *why);

/* "ok", "unseen", "warning", "problem". */
const char *verdict_name(enum verdict verdict);

/* The gravest of all findings. */
enum verdict doctor_get_verdict(const struct doctor *doctor);
