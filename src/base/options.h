/* Command lines as tables: parsing and --help come from the same rows. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct address;
struct refusal;

/* One option.  'set' receives the option's argument (NULL for a switch) and the target that the caller
 * of options_parse() handed in; it returns 0, REFUSED with the reason in 'why', or a negative errno. */
struct option_row {
	const char *name;     /* Long name without dashes. */
	char letter;          /* Short form, or 0. */
	const char *argument; /* What --help calls the argument; NULL for a switch. */
	const char *help;     /* A phrase. */
	int (*set)(void *target, const char *argument, struct refusal *why);
};

/* Reads options up to the first word that is none, or up to "--".  '*ret_next' is the index of the first
 * word left over.  Accepts --name value, --name=value and -n value.  Returns 0, REFUSED or a fault. */
int options_parse(const struct option_row *rows, size_t row_count, int argc, char **argv,
		  void *target, int *ret_next, struct refusal *why);

/* Prints the rows as an aligned list to standard output. */
void options_help(const struct option_row *rows, size_t row_count);

/* The argument of an option that says where to listen: "127.0.0.1:8773", "[::1]:8773".  Returns 0 or REFUSED. */
int option_parse_address(const char *argument, struct address *ret_address, uint16_t *ret_port,
			 struct refusal *why);
