// SPDX-License-Identifier: Apache-2.0
/* Waits for a milestone:  sdk_wait NUMBER NAME MILLISECONDS.  Says how that ended. */
#include <stdio.h>
#include <stdlib.h>
#include <tmirror.h>

int main(int argc, char **argv)
{
	struct tmirror_error error = {0};
	struct tmirror_client *client = NULL;
	int r;

	if (argc != 4)
		return 2;
	r = tmirror_client_new(NULL, &client, &error);
	if (r == 0)
		r = tmirror_wait_for(client, (enum tmirror_milestone)atoi(argv[1]), argv[2],
				     (unsigned int)atoi(argv[3]), &error);
	printf("%d %s: %s\n", r, error.code, error.message);
	tmirror_client_free(client);
	return 0;
}
