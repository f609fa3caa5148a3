// SPDX-License-Identifier: Apache-2.0
/* Manual pages of a daemon and of its file, from the rows that parse; for man(7). */
#include "base/count.h"
#include "base/refusal.h"
#include "base/roff.h"
#include "settings/gather.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

static void write_program(const struct settings_about *about, FILE *file);
static void write_file(const struct settings_about *about, FILE *file);
static void write_head(const struct settings_about *about, const char *suffix, const char *section,
		       const char *kind, FILE *file);
static void write_notes(const char *title, const struct setting_note *notes, FILE *file);
static void write_option(const struct setting_row *row, FILE *file);
static void write_key(const struct settings_about *about, const struct setting_row *row,
		      FILE *file);
static void write_help(const struct setting_row *row, FILE *file);
static void write_standard(const struct setting_row *row, FILE *file);

int settings_manual(const struct settings_about *about, const char *section, FILE *file,
		    struct refusal *why)
{
	static const struct {
		const char *section;
		void (*write)(const struct settings_about *about, FILE *file);
	} pages[] = {{"8", write_program}, {"5", write_file}};

	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		if (strcmp(pages[i].section, section) != 0)
			continue;
		pages[i].write(about, file);
		return ferror(file) ? -EIO : 0;
	}
	return refuse(why, 0, "there are manual pages in sections 8 and 5, not '%s'", section);
}

static void write_program(const struct settings_about *about, FILE *file)
{
	write_head(about, "", "8", "System Administration", file);
	(void)fputs(" \\- ", file);
	roff_text(file, about->does);
	(void)fputs("\n.SH SYNOPSIS\n", file);
	for (size_t i = 0; about->synopsis[i]; i++) {
		(void)fprintf(file, "%s.B ", i > 0 ? ".br\n" : "");
		roff_text(file, about->program);
		(void)fputs("\n[\\fIOPTIONS\\fR] ", file);
		roff_text(file, about->synopsis[i]);
		(void)putc('\n', file);
	}
	(void)fputs(".SH DESCRIPTION\n", file);
	for (size_t i = 0; about->description[i]; i++) {
		(void)fputs(i > 0 ? ".PP\n" : "", file);
		roff_line(file, about->description[i]);
	}
	(void)fputs(".SH OPTIONS\n", file);
	roff_line(file,
		  "An option goes before the variable of the environment, which goes before the "
		  "key in the file");
	for (size_t i = 0; i < about->row_count; i++)
		write_option(&about->rows[i], file);
	write_notes("SIGNALS", about->signals, file);
	write_notes("EXIT STATUS", about->statuses, file);
	write_notes("FILES", about->files, file);
	(void)fprintf(file, ".SH SEE ALSO\n.BR %s.conf (5),\n%s\n", about->program,
		      about->see_also);
}

static void write_file(const struct settings_about *about, FILE *file)
{
	write_head(about, ".conf", "5", "File Formats", file);
	(void)fputs(" \\- settings of ", file);
	roff_text(file, about->program);
	(void)fputs("\n.SH SYNOPSIS\n.I ", file);
	roff_text(file, about->file);
	(void)fputs("\n.SH DESCRIPTION\n", file);
	roff_line(
		file,
		"The file is a YAML mapping: lines of the form KEY: VALUE, and comments that begin "
		"with '#'. Where a value may be repeated, a list of them is written as [ONE, TWO] "
		"or "
		"on lines that begin with '-'; what is of the form NAME=VALUE may be a mapping as "
		"well. What begins with one of *&[{!|>%@` or has ': ' in it stands in quotation "
		"marks. The file need not be there. A key that does not exist, that is said twice, "
		"or "
		"that has a value which makes no sense is refused with the file's name and the "
		"line");
	(void)fputs(".PP\n", file);
	roff_line(file,
		  "Each key is an option of the program, too, and a variable of its "
		  "environment, where blanks separate what is repeated. The option goes before "
		  "the variable, and both before the file");
	(void)fputs(".SH KEYS\n", file);
	for (size_t i = 0; i < about->row_count; i++)
		if (!about->rows[i].action && !about->rows[i].place)
			write_key(about, &about->rows[i], file);
	(void)fputs(".SH EXAMPLES\n", file);
	roff_example(file, about->example);
	(void)fprintf(file, ".SH SEE ALSO\n.BR %s (8)\n", about->program);
}

static void write_head(const struct settings_about *about, const char *suffix, const char *section,
		       const char *kind, FILE *file)
{
	(void)fputs(".TH ", file);
	for (const char *c = about->program; *c != '\0'; c++)
		(void)fprintf(file, "%s%c", *c == '-' ? "\\" : "", toupper((unsigned char)*c));
	(void)fprintf(file, "%s %s \"\" \"Traffic Mirror %s\" \"%s\"\n.SH NAME\n",
		      *suffix ? ".CONF" : "", section, TMIRROR_VERSION, kind);
	roff_text(file, about->program);
	(void)fputs(suffix, file);
}

static void write_notes(const char *title, const struct setting_note *notes, FILE *file)
{
	(void)fprintf(file, ".SH %s\n", title);
	for (; notes->name; notes++) {
		(void)fputs(".TP\n.B ", file);
		roff_text(file, notes->name);
		(void)putc('\n', file);
		roff_line(file, notes->text);
	}
}

static void write_option(const struct setting_row *row, FILE *file)
{
	(void)fputs(".TP\n", file);
	if (row->letter)
		(void)fprintf(file, "\\fB\\-%c\\fR, ", row->letter);
	(void)fputs("\\fB\\-\\-", file);
	roff_text(file, row->name);
	(void)fputs("\\fR", file);
	if (row->argument) {
		(void)fputs(" \\fI", file);
		roff_text(file, row->argument);
		(void)fputs("\\fR", file);
	}
	(void)putc('\n', file);
	write_help(row, file);
}

static void write_key(const struct settings_about *about, const struct setting_row *row, FILE *file)
{
	char variable[SETTING_VARIABLE_SIZE];

	(void)fputs(".TP\n\\fB", file);
	roff_text(file, row->name);
	(void)fputs("\\fR: \\fI", file);
	roff_text(file, row->argument ? row->argument : "yes|no");
	(void)fputs("\\fR\n", file);
	write_help(row, file);
	setting_name_variable(about, row, variable);
	(void)fprintf(file, "In the environment: \\fB%s\\fR.\n", variable);
	if (row->live)
		roff_line(file, "On SIGHUP it is taken over without a restart");
}

static void write_help(const struct setting_row *row, FILE *file)
{
	char first[2] = {(char)toupper((unsigned char)row->help[0]), '\0'};

	roff_text(file, first);
	roff_line(file, row->help + 1);
	if (row->more)
		roff_line(file, row->more);
	if (row->repeated)
		roff_line(file, "It may be repeated");
	if (row->secret)
		roff_line(file, "The file holds a secret and is refused if others may read it");
	write_standard(row, file);
}

static void write_standard(const struct setting_row *row, FILE *file)
{
	if (row->standard) {
		(void)fputs("Default: \\fB", file);
		roff_text(file, row->standard);
		(void)fputs("\\fR.\n", file);
	} else if (row->otherwise) {
		(void)fputs("Otherwise: ", file);
		roff_line(file, row->otherwise);
	}
}
