// SPDX-License-Identifier: Apache-2.0
#include "agent/manual.h"

const char *const agent_description[] = {
	"The agent runs on every host whose interfaces are mirrored. It makes the kernel match the "
	"plan "
	"that the controller has for the host: packets that a session accepts are copied into "
	"rings, "
	"from where the agent sends them to appliances. Then it reports what the host is like and "
	"what "
	"became of every copy.",
	"It needs the capabilities CAP_BPF, CAP_NET_ADMIN and CAP_NET_RAW, and gives up all "
	"others. With "
	"CAP_PERFMON at its start a copy costs about half as much.",
	"A new host gets its key by 'tmirror-agent enrol', which reads from standard input what "
	"'tmirror "
	"host add' prints: where the controller is, its authority, and a code that is good once.  "
	"It writes the "
	"file of credentials, with the host's name, and the authority beside it.",
	"When the agent ends, the kernel goes on copying into the rings, and the next agent goes "
	"on from "
	"there. The option --detach removes everything.",
	NULL,
};

const char agent_example[] = "credentials: /etc/tmirror/agent.env\n"
			     "state: /var/lib/tmirror-agent\n"
			     "host: web-17\n"
			     "metrics: '[::1]:9273'\n"
			     "report-interval: 5\n"
			     "log-level: warning\n";

const struct setting_note agent_signals[] = {
	{"SIGHUP",
	 "Reads the settings and the credentials again. What can change in a running agent "
	 "does, without a packet being lost; the log names what takes a restart."},
	{"SIGTERM, SIGINT", "End the agent. What is in the rings stays for the next one."},
	{},
};

const struct setting_note agent_statuses[] = {
	{"0", "Ended by a signal, or did what an option asked for."},
	{"1",
	 "Could not go on; the log says why. With --check-config: the settings are good, and what "
	 "they name is not."},
	{"2",
	 "The options, variables or settings make no sense; standard error says where and why."},
	{},
};

const struct setting_note agent_files[] = {
	{AGENT_FILE, "Settings."},
	{"/etc/tmirror/agent.env", "Where the controller is, and the key of the host."},
	{"/etc/tmirror/controller-ca.pem",
	 "The authority that vouches for the controller, of a host that was enrolled."},
	{"/var/lib/tmirror-agent/keys",
	 "Keys that the agent has got itself in the place of the one that it was given."},
	{"/var/lib/tmirror-agent/plan.json", "The last plan, by which the agent goes on while no "
					     "controller answers."},
	{"/sys/fs/bpf/tmirror", "What is in the kernel: programs, maps and rings."},
	{},
};
