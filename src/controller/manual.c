// SPDX-License-Identifier: Apache-2.0
#include "controller/manual.h"

const char *const controller_description[] = {
	"The controller serves the API that the AWS CLI, any AWS SDK, Terraform and tmirror(1) "
	"speak. It "
	"keeps what they make in its store, and has a plan for every host on which an agent runs.",
	"At its first start it makes an account, an authority for its certificate, and keys for an "
	"administrator and for agents, all in the state directory. It needs no privileges.",
	"With the word backup it writes what the store holds to a file, also while a controller "
	"runs. With "
	"restore it puts such a file in the place of the store, which it keeps; no controller may "
	"run "
	"then.",
	"With migrate it carries everything from one store into another, which has to be empty: "
	"from a "
	"file into PostgreSQL, or back. Every row is read back and compared before any of them "
	"holds. "
	"No controller may run then, and the key to the store's secrets is moved by whoever moves "
	"the controller.",
	NULL,
};

const char controller_example[] = "listen: 192.0.2.10:8773\n"
				  "name: [mirror.example.com, 192.0.2.10]\n"
				  "region: eu-central-1\n"
				  "audit-log: /var/log/tmirror/audit.json\n"
				  "metrics: 127.0.0.1:9272\n"
				  "limit:\n"
				  "  sessions-per-source: 8\n"
				  "rate:\n"
				  "  Describe*: 200/50\n";

const struct setting_note controller_signals[] = {
	{"SIGHUP",
	 "Reads the settings and the certificate again, and opens the audit log anew. What can "
	 "change in a running controller does; the log names what takes a restart. With "
	 "another certificate connections end once, and clients come again."},
	{"SIGTERM, SIGINT", "End the controller. Agents go on by their last plan."},
	{},
};

const struct setting_note controller_statuses[] = {
	{"0", "Ended by a signal, or did what was asked for."},
	{"1",
	 "Could not go on; the log says why. With --check-config: the settings are good, and what "
	 "they name is not."},
	{"2",
	 "The options, variables or settings make no sense; standard error says where and why."},
	{},
};

const struct setting_note controller_files[] = {
	{CONTROLLER_FILE, "Settings."},
	{"/var/lib/tmirror/credentials.env",
	 "The administrator's key, and where the controller is."},
	{"/var/lib/tmirror/agent.env", "The same for agents."},
	{"/var/lib/tmirror/seal.key",
	 "The key that seals secrets in the store. Keep a copy of it."},
	{"/var/lib/tmirror/ca.pem, ca.key", "The controller's own authority."},
	{},
};
