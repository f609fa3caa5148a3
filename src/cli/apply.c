// SPDX-License-Identifier: Apache-2.0
/* tmirror apply: makes the world as files say.
 *
 * Everything that the files make carries the name of their set in a tag, and nothing without that tag is ever changed or
 * deleted.  There is no other record of what was done: each run compares the files with what is there, so one that was
 * interrupted is gone on with by running it again. */
#include "base/clock.h"
#include "base/count.h"
#include "base/file.h"
#include "cli/apply_check.h"
#include "cli/apply_file.h"
#include "cli/apply_resolve.h"
#include "cli/apply_step.h"
#include "cli/output.h"
#include "cli/table.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static command_function apply;

static const struct argument_row apply_rows[] = {
	{.name = "file",
	 .letter = 'f',
	 .value = "FILE",
	 .help = "What there shall be, in YAML; '-' is the standard input",
	 .form = FORM_OWN,
	 .required = true,
	 .repeated = true},
	{.name = "dry-run",
	 .letter = 'n',
	 .help = "Only print what would be done",
	 .form = FORM_OWN,
	 .is_switch = true},
	{.name = "exit-status",
	 .help = "With --dry-run: end with 4 if there is something to do",
	 .form = FORM_OWN,
	 .is_switch = true},
};

static const struct command rows[] = {
	{.verb = "apply",
	 .help = "Make filters, targets, sessions and selectors as files say",
	 .more = "Prints a line for each object: + made, ~ changed, - deleted.  Only what carries "
		 "the "
		 "files' set is changed or deleted.\n"
		 "As in:  tmirror apply -f mirrors.yaml --dry-run",
	 .arguments = ROWS(apply_rows),
	 .run = apply},
};

const struct commands apply_commands = ROWS(rows);

static int files_read(struct invocation *invocation, struct yaml_tree *tree);
static int plan_carry_out(struct invocation *invocation, const char *set, const struct plan *plan,
			  const struct present *present);
static int step_print(const struct change *change, const struct present *present);
static void step_complain(const struct change *change, const struct present *present, size_t done,
			  size_t count);

static int misused(int r)
{
	return r == REFUSED ? COMMAND_MISUSED : r;
}

static int apply(struct invocation *invocation)
{
	_cleanup_yaml_ struct yaml_tree tree = {};
	_cleanup_world_ struct world wishes = {};
	_cleanup_present_ struct present present = {};
	_cleanup_plan_ struct plan plan = {};
	bool dry_run = arguments_has(&invocation->arguments, "dry-run");
	bool exit_status = arguments_has(&invocation->arguments, "exit-status");
	const char *set;
	int r;

	if (exit_status && !dry_run)
		return invocation_misused(invocation, "--exit-status wants --dry-run");
	r = files_read(invocation, &tree);
	if (r == 0)
		r = misused(apply_file_read(&tree, &wishes, &set, &invocation->misuse));
	if (r != 0)
		return r;
	apply_drop_expired(&wishes, clock_realtime());
	r = apply_world_read(invocation, set, &present);
	if (r == 0)
		r = apply_resolve(invocation, &present, &wishes);
	if (r == 0)
		r = misused(apply_plan_make(&wishes, &present, &plan, &invocation->misuse));
	if (r == 0)
		r = plan_carry_out(invocation, dry_run ? NULL : set, &plan, &present);
	return r == 0 && exit_status && plan.count > 0 ? COMMAND_DIFFERENT : r;
}

static int files_read(struct invocation *invocation, struct yaml_tree *tree)
{
	const struct argument *file = NULL;
	int r = 0;

	while (r == 0 && (file = arguments_next(&invocation->arguments, "file", file))) {
		const char *path = strcmp(file->value, "-") == 0 ? "/dev/stdin" : file->value;
		_cleanup_free_ char *text = NULL;
		size_t size;

		r = file_read(path, YAML_SIZE_MAX, &text, &size);
		if (r != 0) {
			(void)refuse(&invocation->misuse, 0, "cannot read '%s': %s", file->value,
				     strerrordesc_np(-r));
			return COMMAND_FAILED;
		}
		r = misused(yaml_read(tree, file->value, text, size, &invocation->misuse));
	}
	return r;
}

/* Each line is printed when its step is done; with 'set' NULL, nothing is. */
static int plan_carry_out(struct invocation *invocation, const char *set, const struct plan *plan,
			  const struct present *present)
{
	_cleanup_(json_freep) json_t *steps = json_array();
	int r = 0, printed = 0;

	for (size_t i = 0; i < plan->count && r == 0 && printed == 0; i++) {
		const struct change *change = &plan->items[i];

		r = set ? step_do(invocation, set, change) : 0;
		if (r != 0) {
			step_complain(change, present, i, plan->count);
			break;
		}
		if (invocation->json)
			printed = json_array_append_new(steps, step_to_json(change, present)) == 0
					  ? 0
					  : -ENOMEM;
		else
			printed = step_print(change, present);
	}
	if (invocation->json && printed == 0)
		printed = output_json(steps);
	return r != 0 ? r : printed;
}

static void step_write_printable(const struct change *change, const struct present *present,
				 struct text *ret_text)
{
	_cleanup_text_ struct text line = {};

	step_write(change, present, &line);
	(void)text_append_printable(ret_text, line.data ? line.data : "");
	ret_text->failed = ret_text->failed || line.failed;
}

static int step_print(const struct change *change, const struct present *present)
{
	_cleanup_text_ struct text line = {};

	step_write_printable(change, present, &line);
	if (line.failed)
		return -ENOMEM;
	return puts(line.data) < 0 || fflush(stdout) != 0 ? -EIO : 0;
}

/* Why is said by main(). */
static void step_complain(const struct change *change, const struct present *present, size_t done,
			  size_t count)
{
	_cleanup_text_ struct text line = {};

	step_write_printable(change, present, &line);
	(void)fprintf(stderr, "tmirror: %zu of %zu steps done, and stopped at: %s\n", done, count,
		      line.data ? line.data : "");
}
