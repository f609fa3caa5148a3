/* What the controller keeps in its state directory besides the store: certificates, and the files that administrators
 * and agents read their access keys from.
 *
 *	lock                       held while a controller runs
 *	ca.pem  ca.key             our authority, made once
 *	server.pem  server.key     made anew when names change or its end comes near
 *	seal.key                   what secrets in the store are sealed with, made once; keep a copy
 *	credentials.env            the administrator's key, endpoint and authority
 *	agent.env                  the same for agents, with a key of kind host */
#pragma once

#include "control/control.h"
#include "controller/configuration.h"

/* Makes the directory and locks it: two controllers would undo each other's certificates, and wake only their own
 * agents.  Closing 'ret_lock' ends that, as does the end of the program.  Returns 0, REFUSED, or a fault. */
int keep_directory(const struct configuration *configuration, int *ret_lock, struct refusal *why);

/* The certificate that the settings name; else makes those that are missing or near their end.  None where TLS is off.  Returns 0, REFUSED (a file is not what
 * it should be), or a fault. */
int keep_certificates(const struct configuration *configuration, int64_t now,
		      struct certificate *ret_server, struct refusal *why);

/* Reads the certificate that the settings name, if they do, and looks whether it and its key go together.  Returns 0 (without a
 * certificate if none is named), REFUSED, or a fault. */
int keep_given_certificate(const struct configuration *configuration,
			   struct certificate *ret_certificate, struct refusal *why);

/* Who vouches for the certificate, in PEM, for hosts that are new; the caller's.  NULL: nobody has to.  Returns 0, REFUSED or a fault. */
int keep_authority_text(const struct configuration *configuration, char **ret_text,
			struct refusal *why);

/* Reads the seal key, or makes one for a store that has not been sealed yet.  Returns 0, REFUSED (it is missing, or no
 * key), or a fault. */
struct seal_key;
int keep_seal_key(const struct configuration *configuration, struct store *store,
		  struct seal_key *ret_key, struct refusal *why);

/* Makes the access keys that are not there yet, and the two files, up to date. */
int keep_credentials(const struct configuration *configuration, struct control *control,
		     const char *endpoint, struct refusal *why);
