/* What a client needs in order to call: keys, region and where the endpoint is.
 *
 * They live in a file that is at once a shell script and our configuration, so that '. credentials.env' is all
 * it takes to use the AWS CLI:
 *
 *	export AWS_ACCESS_KEY_ID=AKIA…
 *	export AWS_SECRET_ACCESS_KEY=…
 *	export AWS_DEFAULT_REGION=us-east-1
 *	export AWS_ENDPOINT_URL=https://127.0.0.1:8773
 *	export AWS_CA_BUNDLE=/var/lib/tmirror/ca.pem
 *
 *	export TMIRROR_HOST_NAME=web-17          (of a host that was enrolled)
 *
 * The same names are read from the environment. */
#pragma once

#include <limits.h>

struct refusal;

#define CREDENTIALS_KEY_SIZE      129
#define CREDENTIALS_SECRET_SIZE   129
#define CREDENTIALS_TOKEN_SIZE    4097
#define CREDENTIALS_REGION_SIZE   64
#define CREDENTIALS_ENDPOINT_SIZE 512
#define CREDENTIALS_HOST_SIZE     64
#define CREDENTIALS_LIST_SIZE     4096

/* An empty string is a value not given. */
struct credentials {
	char access_key_id[CREDENTIALS_KEY_SIZE];
	char secret_access_key[CREDENTIALS_SECRET_SIZE];
	char session_token[CREDENTIALS_TOKEN_SIZE];
	char region[CREDENTIALS_REGION_SIZE]; /* AWS_DEFAULT_REGION; AWS_REGION goes before it. */
	char endpoint[CREDENTIALS_ENDPOINT_SIZE]; /* AWS_ENDPOINT_URL */
	char ca_bundle[PATH_MAX]; /* AWS_CA_BUNDLE: a file of trusted certificates. */
	/* Of a host's own key: */
	char host[CREDENTIALS_HOST_SIZE]; /* TMIRROR_HOST_NAME: the host's. */
	char controllers
		[CREDENTIALS_LIST_SIZE]; /* TMIRROR_CONTROLLERS: URLs with commas, if there are several. */
};

/* Reads the text of such a file.  Comments, blank lines and other names are passed over; values may be
 * quoted as a shell would.  Returns 0 or REFUSED, naming the line. */
int credentials_parse(const char *text, struct credentials *ret_credentials, struct refusal *why);

/* Returns 0, REFUSED, or the errno of reading the file. */
int credentials_read(const char *path, struct credentials *ret_credentials, struct refusal *why);

/* The text of such a file, the caller's to wipe and free. */
int credentials_format(const struct credentials *credentials, char **ret_text);

/* Replaces the file whole; only its owner may read it. */
int credentials_write(const char *path, const struct credentials *credentials);

/* Overwrites with the environment's values what the environment sets.  Returns 0 or REFUSED. */
int credentials_from_environment(struct credentials *credentials, struct refusal *why);

/* Fills in what is still empty from the user's AWS files, as AWS's own clients read them: the profile's section of
 * AWS_SHARED_CREDENTIALS_FILE (~/.aws/credentials), then of AWS_CONFIG_FILE (~/.aws/config), for aws_access_key_id,
 * aws_secret_access_key, aws_session_token, region, endpoint_url and ca_bundle.  A key is taken whole, or not at all.
 * 'profile' NULL: what AWS_PROFILE names, else "default".  A file that is not there is empty.  Returns 0, REFUSED (the profile was
 * named and is in neither file, or a line is no setting), or a fault. */
int credentials_from_profile(const char *profile, struct credentials *credentials,
			     struct refusal *why);
