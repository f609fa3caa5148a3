// SPDX-License-Identifier: Apache-2.0
/* The agent: where its program is, whether it runs, what it is told, and the plan that it saved. */
#include "base/array.h"
#include "base/count.h"
#include "base/file.h"
#include "base/refusal.h"
#include "base/text.h"
#include "doctor/checks.h"
#include "doctor/process.h"
#include "doctor/program.h"
#include "settings/yaml_tree.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CHECK           "agent"
#define OUTPUT_SIZE_MAX ((size_t)1 << 20)
#define PROGRAM         "tmirror-agent"

/* Of the caller's environment the agent's program gets nothing. */
static const char *const no_variables[] = {NULL};

static bool find_program(struct doctor *doctor);
static void check_process(struct doctor *doctor);
static void check_version(struct doctor *doctor);
static void read_settings(struct doctor *doctor);
static int ask_settings(struct doctor *doctor, char **ret_output);
static bool take_settings(struct doctor *doctor);
static void read_plan(struct doctor *doctor);

void check_agent(struct doctor *doctor)
{
	if (!find_program(doctor)) {
		doctor_say(doctor, VERDICT_PROBLEM, CHECK, "there is no program " PROGRAM);
		doctor_mend(doctor, "apt install tmirror-agent");
		return;
	}
	check_process(doctor);
	check_version(doctor);
	read_settings(doctor);
	if (doctor->settings)
		read_plan(doctor);
	if (!doctor->plan)
		doctor_say(doctor, VERDICT_UNSEEN, "paths",
			   "without a plan neither sources nor ways to appliances are known");
}

static bool find_program(struct doctor *doctor)
{
	if (!doctor->program)
		return program_find_daemon(PROGRAM, sizeof(doctor->path), doctor->path) == 0;
	return string_copy(doctor->path, sizeof(doctor->path), doctor->program) &&
	       access(doctor->path, X_OK) == 0;
}

static void check_process(struct doctor *doctor)
{
	int r = process_find_agent(doctor->path, &doctor->agent);

	if (r < 0)
		doctor_say(doctor, VERDICT_UNSEEN, CHECK,
			   "runs, but whether in this network namespace only root can see");
	else if (doctor->agent.id == 0) {
		doctor_say(doctor, VERDICT_PROBLEM, CHECK,
			   "no agent runs in this network namespace");
		doctor_mend(doctor, "systemctl start tmirror-agent");
	} else if (doctor->agent.replaced) {
		doctor_say(doctor, VERDICT_WARNING, CHECK,
			   "runs as process %d, of a program that was replaced since",
			   doctor->agent.id);
		doctor_mend(doctor, "systemctl restart tmirror-agent");
	} else
		doctor_say(doctor, VERDICT_OK, CHECK, "runs as process %d", doctor->agent.id);
}

static void check_version(struct doctor *doctor)
{
	const char *arguments[] = {doctor->path, "--version", NULL};
	const char expected[] = PROGRAM " " TMIRROR_VERSION "\n";
	_cleanup_free_ char *output = NULL;
	const struct program_call call = {
		.arguments = arguments, .environment = no_variables, .maximum = OUTPUT_SIZE_MAX};
	int r = program_read(&call, &output);

	if (r != 0) {
		doctor_say(doctor, VERDICT_PROBLEM, "versions", "%.200s does not say its version",
			   doctor->path);
		return;
	}
	if (strcmp(output, expected) != 0) {
		doctor_say(doctor, VERDICT_WARNING, "versions",
			   "the agent's program is '%.*s', and this one is " TMIRROR_VERSION,
			   (int)strcspn(output, "\n"), output);
		doctor_mend(doctor, "apt install tmirror tmirror-agent");
		return;
	}
	doctor_say(doctor, VERDICT_OK, "versions",
		   "the agent's program is " TMIRROR_VERSION ", as this one is");
}

static void read_settings(struct doctor *doctor)
{
	_cleanup_free_ char *output = NULL;
	int r = ask_settings(doctor, &output);

	if (r == 0) {
		doctor->settings = TAKE_PTR(output);
		if (take_settings(doctor)) {
			doctor_say(doctor, VERDICT_OK, "settings", "make sense");
			return;
		}
		freep(&doctor->settings);
		doctor->settings = NULL;
	}
	if (r < 0)
		doctor_say(doctor, VERDICT_UNSEEN, "settings", "cannot be asked for: %s",
			   strerrordesc_np(-r));
	else
		doctor_say(doctor, VERDICT_PROBLEM, "settings", "are refused: %.*s",
			   output ? (int)strcspn(output, "\n") : 0, output ? output : "");
}

/* As the agent that runs was told, or as one would be that starts. */
static int ask_settings(struct doctor *doctor, char **ret_output)
{
	_cleanup_(process_words_freep) char **options = NULL, **variables = NULL;
	struct {
		const char **items;
		size_t count, capacity;
	} words = {};
	int r = 0;

	if (doctor->agent.id != 0 && !doctor->config)
		r = process_read_words(doctor->agent.id, &options, &variables);
	if (r == 0)
		r = array_append(&words, items, count, capacity, doctor->path);
	for (char **option = options; r == 0 && option && *option; option++)
		r = array_append(&words, items, count, capacity, *option);
	if (r == 0 && doctor->config) {
		r = array_append(&words, items, count, capacity, "--config");
		if (r == 0)
			r = array_append(&words, items, count, capacity, doctor->config);
	}
	if (r == 0)
		r = array_append(&words, items, count, capacity, "--show-config");
	if (r == 0)
		r = array_append(&words, items, count, capacity, NULL);
	if (r == 0)
		r = program_read(
			&(const struct program_call){
				.arguments = words.items,
				.environment = variables ? (const char *const *)variables
							 : no_variables,
				.maximum = OUTPUT_SIZE_MAX,
				.user = variables ? doctor->agent.user : 0,
				.group = variables ? doctor->agent.group : 0,
			},
			ret_output);
	free(words.items);
	return r;
}

static bool take_settings(struct doctor *doctor)
{
	_cleanup_yaml_ struct yaml_tree tree = {};
	const struct {
		const char *key;
		char *value;
		size_t size;
	} wanted[] = {
		{"credentials", doctor->credentials_file, sizeof(doctor->credentials_file)},
		{"controller", doctor->controller, sizeof(doctor->controller)},
		{"state", doctor->state, sizeof(doctor->state)},
		{"bpffs", doctor->bpffs, sizeof(doctor->bpffs)},
		{"host", doctor->host, sizeof(doctor->host)},
	};

	if (yaml_read(&tree, "settings", doctor->settings, strlen(doctor->settings), NULL) != 0 ||
	    !tree.first || tree.first->kind != YAML_MAPPING)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		const struct yaml_node *node = yaml_get(tree.first, wanted[i].key);

		if (node && node->word)
			(void)string_copy(wanted[i].value, wanted[i].size, node->word);
	}
	if (doctor->host[0] == '\0')
		(void)gethostname(doctor->host, sizeof(doctor->host) - 1);
	return true;
}

static void read_plan(struct doctor *doctor)
{
	_cleanup_free_ char *json = NULL;
	struct refusal why = {};
	char path[PATH_MAX + 16];
	size_t size;
	int r;

	(void)snprintf(path, sizeof(path), "%s/plan.json", doctor->state);
	r = file_read_plain(path, PLAN_SIZE_MAX, &json, &size);
	if (r == -ENOENT)
		doctor_say(doctor, VERDICT_WARNING, "plan",
			   "%.300s is not there: no plan has come from the controller yet", path);
	else if (r < 0)
		doctor_say(doctor, VERDICT_UNSEEN, "plan", "cannot read %.300s: %s", path,
			   strerrordesc_np(-r));
	if (r < 0)
		return;
	r = plan_decode(json, size, &doctor->plan, &why);
	if (r != 0) {
		doctor_say(doctor, VERDICT_PROBLEM, "plan", "%.200s is damaged: %.150s", path,
			   r == REFUSED ? why.text : strerrordesc_np(-r));
		doctor_mend(doctor, "rm %s && systemctl restart tmirror-agent", path);
		return;
	}
	doctor->plan_text = TAKE_PTR(json);
	doctor_say(doctor, VERDICT_OK, "plan", "%zu sessions of %zu sources, %zu targets",
		   doctor->plan->session_count, doctor->plan->source_count,
		   doctor->plan->target_count);
}
