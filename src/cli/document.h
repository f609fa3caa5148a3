/* Policies in files, and as IAM sends them. */
#pragma once

struct invocation;

/* The whole file, the caller's to free; "-" is the standard input.  Returns 0 or COMMAND_FAILED. */
int document_read(struct invocation *invocation, const char *path, char **ret_document);

/* Prints what IAM gives out with escapes, as in a URL, without them.  Returns 0 or a negative errno. */
int document_print(const char *escaped);
