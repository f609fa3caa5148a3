/* What a daemon is told: by its command line, its environment and its file.
 *
 * One table of rows drives all three, and --help and both manual pages as well.  The hard idea: what anybody says is first
 * gathered as text with its place, and only what is heard in the end becomes a value.  So a refusal can name the place,
 * settings can be shown as they are in force, and two readings are compared as texts, which is what reading the file
 * again takes.
 *
 * Secrets are never settings: a setting names the file that holds one. */
#pragma once

#include "base/cleanup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct address;
struct refusal;

/* One setting.  'set' receives the value (NULL for an action without one) and the target that the caller handed in; it
 * returns 0, REFUSED with the reason in 'why', or a negative errno. */
struct setting_row {
	const char *name;     /* As in "ring-size": the key; "--ring-size"; …_RING_SIZE. */
	char letter;          /* Short form, or 0. */
	const char *argument; /* What help calls the value; NULL for a switch. */
	const char *help;     /* A phrase. */
	/* NULL: whoever wants to know asks settings_says(). */
	int (*set)(void *target, const char *value, struct refusal *why);

	const char *
		standard; /* Taken where nobody says anything; what is repeated is separated by blanks. */
	const char *otherwise; /* Without a standard: what happens then, for people. */
	const char *more;      /* Sentences for the manual pages, or NULL. */
	bool repeated;
	bool live;   /* Taken over from a file that is read again. */
	bool secret; /* Names a file that holds one, which others may not read. */
	bool place;  /* Names the file of settings, so it does not stand there. */
	bool action; /* Nothing to be kept: only on the command line. */
	bool alone;  /* An action for which no file is read. */
};

/* A line of a list in a manual page. */
struct setting_note {
	const char *name, *text;
};

/* A daemon. */
struct settings_about {
	const char *program;     /* "tmirror-agent" */
	const char *environment; /* What its variables begin with: "TMIRROR_AGENT_". */
	const char *file;        /* Where settings are, if nobody says so; it need not be there. */
	const char *does;        /* A phrase, for the pages' heads. */
	const char *synopsis[5]; /* Besides options; "" for none.  NULL ends the list. */
	const struct setting_row *rows;
	size_t row_count;

	/* For the manual pages. */
	const char *const *description;                        /* Paragraphs; NULL ends the list. */
	const char *example;                                   /* A file. */
	const struct setting_note *signals, *statuses, *files; /* A name NULL ends each. */
	const char *see_also;                                  /* In roff. */
};

/* The louder goes first. */
enum setting_origin {
	SETTING_OPTION = 1,
	SETTING_ENVIRONMENT,
	SETTING_FILE,
	SETTING_STANDARD,
};

struct setting {
	const struct setting_row *row;
	enum setting_origin origin;
	size_t line; /* Of the file. */
	char *text;  /* NULL: an action that has no value. */
};

struct settings {
	const struct settings_about *about;
	int argc;
	char **argv;           /* Borrowed. */
	char *file;            /* The file that was read; NULL: there was none. */
	struct setting *items; /* As they were said, also what is not heard. */
	size_t count, capacity;
	const char **words; /* Of the command line, which are no options; borrowed. */
	size_t word_count, word_capacity;
	char **strangers; /* Variables that begin as ours do and mean nothing. */
	size_t stranger_count, stranger_capacity;
};

void settings_fini(struct settings *settings);
#define _cleanup_settings_ _cleanup_(settings_fini)

/* Gathers what is said.  Returns 0, REFUSED with the place and what is wrong there, as in "agent.conf:7: …", or a fault;
 * 'ret_settings' is finished by the caller in every case. */
int settings_read(const struct settings_about *about, int argc, char **argv,
		  struct settings *ret_settings, struct refusal *why);

/* Sets what is heard; the texts stay the settings'.  What is not heard is tried on a copy of the target, so that mistakes
 * are told before they matter; so 'set' may do nothing but write into the target.  Returns as settings_read() does. */
int settings_apply(const struct settings *settings, void *target, size_t target_size,
		   struct refusal *why);

/* Looks whether files that hold secrets are closed to others.  Returns 0 or REFUSED. */
int settings_check_secrets(const struct settings *settings, struct refusal *why);

/* Takes over from a fresh reading whatever may change in a running program.  'stuck' is called for every row that may not
 * and would have.  Returns 0 or -ENOMEM, and then nothing has changed. */
int settings_renew(struct settings *settings, struct settings *fresh,
		   void (*stuck)(const struct setting_row *row));

/* Whether this text counts: nothing louder speaks of its row. */
bool setting_is_heard(const struct settings *settings, const struct setting *setting);

/* Whether the command line says an action of that name. */
bool settings_says(const struct settings *settings, const char *name);

/* What every daemon prints instead of its work: "version", "manual", "sample-config" and "show-config"; and what stands above
 * the options for "help", which the caller prints.  Whether that is asked for; then how: 0, REFUSED or a fault. */
bool settings_are_printed(const struct settings *settings);
int settings_print(const struct settings *settings, void (*help)(void), struct refusal *why);

/* --help, without what stands above the options. */
void settings_help(const struct settings_about *about);

/* What is in force, as a file that would say the same, with where each line came from.  Passwords in URLs are left out.
 * Returns 0 or -EIO. */
int settings_show(const struct settings *settings, FILE *file);

/* A file that says nothing yet: every key with its standard, as comments.  Returns 0 or -EIO. */
int settings_sample(const struct settings_about *about, FILE *file);

/* The manual page of the program (8) or of its file (5), for man(7).  Returns 0, REFUSED for other sections, or -EIO. */
int settings_manual(const struct settings_about *about, const char *section, FILE *file,
		    struct refusal *why);

/* The value of a setting that says where to listen: "127.0.0.1:8773", "[::1]:8773".  Returns 0 or REFUSED. */
int setting_parse_address(const char *value, struct address *ret_address, uint16_t *ret_port,
			  struct refusal *why);

/* The value of a setting that is on or off.  Returns 0 or REFUSED. */
int setting_parse_switch(const char *value, bool *ret_on, struct refusal *why);
