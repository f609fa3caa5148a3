// SPDX-License-Identifier: Apache-2.0
#include "access/identity.h"

#include <stdio.h>
#include <string.h>

void identity_fini(struct identity *identity)
{
	free(identity->trust);
	identity->trust = NULL;
}

bool identity_name_valid(const char *name, size_t maximum)
{
	static const char characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "0123456789_+=,.@-";
	size_t length = strlen(name);

	return length > 0 && length <= maximum && strspn(name, characters) == length;
}

bool identity_path_valid(const char *path)
{
	size_t length = strlen(path);

	if (length == 0 || length >= IDENTITY_PATH_SIZE || path[0] != '/' ||
	    path[length - 1] != '/')
		return false;
	for (const char *c = path; *c != '\0'; c++)
		if (*c < '!' || *c > '~')
			return false;
	return true;
}

/* A host's ARN is a user's, as IAM knows nothing else that has keys. */
void identity_format_arn(const struct identity *identity, char ret_arn[IDENTITY_ARN_SIZE])
{
	(void)snprintf(ret_arn, IDENTITY_ARN_SIZE, "arn:aws:iam::%s:%s%s%s", identity->account.text,
		       identity->kind == IDENTITY_ROLE ? "role" : "user", identity->path,
		       identity->name);
}

void identity_fold_name(const char *name, char ret_folded[IDENTITY_NAME_SIZE])
{
	size_t i = 0;

	for (; i < IDENTITY_NAME_SIZE - 1 && name[i] != '\0'; i++) {
		bool upper = name[i] >= 'A' && name[i] <= 'Z';

		ret_folded[i] = (char)(upper ? name[i] - 'A' + 'a' : name[i]);
	}
	ret_folded[i] = '\0';
}
