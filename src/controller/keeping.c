// SPDX-License-Identifier: Apache-2.0
#include "controller/keeping.h"

#include "access/seal.h"
#include "base/count.h"
#include "base/file.h"
#include "base/log.h"
#include "base/random.h"
#include "base/refusal.h"
#include "base/text.h"
#include "control/credential.h"
#include "control/sealing.h"
#include "sigv4/credentials.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define CERTIFICATE_FILE_MAX (64 << 10)
#define SEAL_KEY_FILE_MAX    1024

static int make_path(const struct configuration *configuration, const char *name,
		     char ret_path[PATH_MAX], struct refusal *why);
static int read_pair(const struct configuration *configuration, const char *name,
		     struct certificate *ret_pair, struct refusal *why);
static int write_pair(const struct configuration *configuration, const char *name,
		      const struct certificate *pair, struct refusal *why);
static int make_seal_key(const char *path, struct seal_key *ret_key, struct refusal *why);
static int keep_authority(const struct configuration *configuration, int64_t now,
			  struct certificate *ret_authority, struct refusal *why);
static size_t list_names(const struct configuration *configuration, char address[ADDRESS_TEXT_SIZE],
			 char host[HOST_NAME_MAX + 1], const char *names[CERTIFICATE_NAMES_MAX]);
static int keep_key(const struct configuration *configuration, struct control *control,
		    const char *endpoint, const char *file, enum caller_kind kind, const char *name,
		    struct refusal *why);
static int find_or_make_key(struct control *control, const char *id, enum caller_kind kind,
			    const char *name, struct access_key *ret_key, struct refusal *why);

int keep_directory(const struct configuration *configuration, int *ret_lock, struct refusal *why)
{
	_cleanup_close_ int lock = -1;
	char path[PATH_MAX];
	int r;

	r = directory_make(configuration->state, 0700);
	if (r < 0)
		return refuse(why, 0, "cannot make the directory '%s': %s", configuration->state,
			      strerrordesc_np(-r));
	r = make_path(configuration, "lock", path, why);
	if (r != 0)
		return r;
	lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (lock < 0)
		return refuse(why, 0, "cannot open '%.400s': %s", path, strerrordesc_np(errno));
	if (flock(lock, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK
			       ? refuse(why, 0, "another controller runs on the directory '%s'",
					configuration->state)
			       : -errno;
	*ret_lock = TAKE_FD(lock);
	return 0;
}

int keep_certificates(const struct configuration *configuration, int64_t now,
		      struct certificate *ret_server, struct refusal *why)
{
	_cleanup_certificate_ struct certificate authority = {}, server = {};
	char address[ADDRESS_TEXT_SIZE], host[HOST_NAME_MAX + 1];
	const char *names[CERTIFICATE_NAMES_MAX];
	size_t name_count;
	int r;

	if (configuration->plain_http)
		return 0;
	if (configuration->certificate)
		return keep_given_certificate(configuration, ret_server, why);
	r = keep_authority(configuration, now, &authority, why);
	if (r != 0)
		return r;
	name_count = list_names(configuration, address, host, names);
	r = read_pair(configuration, "server", &server, why);
	if (r != 0 && r != -ENOENT)
		return r;
	if (r != 0 || !certificate_is_good(&server, &authority, names, name_count, now)) {
		certificate_fini(&server);
		r = certificate_make_server(&authority, names, name_count, now, &server);
		if (r < 0)
			return r;
		r = write_pair(configuration, "server", &server, why);
		if (r != 0)
			return r;
		log_info("made a server certificate for '%s' and %zu more names", names[0],
			 name_count - 1);
	}
	*ret_server = server;
	server = (struct certificate){};
	return 0;
}

int keep_given_certificate(const struct configuration *configuration,
			   struct certificate *ret_certificate, struct refusal *why)
{
	_cleanup_certificate_ struct certificate given = {};
	const struct {
		const char *path;
		char **text;
	} parts[] = {
		{configuration->certificate, &given.certificate},
		{configuration->certificate_key, &given.key},
	};

	if (!configuration->certificate)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		int r = file_read(parts[i].path, CERTIFICATE_FILE_MAX, parts[i].text, NULL);

		if (r < 0)
			return refuse(why, 0, "cannot read '%.400s': %s", parts[i].path,
				      strerrordesc_np(-r));
	}
	if (!certificate_is_whole(&given))
		return refuse(why, 0,
			      "'%.200s' and '%.200s' are not a certificate and its key in PEM",
			      configuration->certificate, configuration->certificate_key);
	*ret_certificate = given;
	given = (struct certificate){};
	return 0;
}

int keep_authority_text(const struct configuration *configuration, char **ret_text,
			struct refusal *why)
{
	const char *path = configuration->authority;
	char own[PATH_MAX];
	int r;

	if (configuration->plain_http || (configuration->certificate && !path))
		return 0;
	if (!configuration->certificate) {
		r = make_path(configuration, "ca.pem", own, why);
		if (r != 0)
			return r;
		path = own;
	}
	r = file_read(path, CERTIFICATE_FILE_MAX, ret_text, NULL);
	return r < 0 ? refuse(why, 0, "cannot read '%.400s': %s", path, strerrordesc_np(-r)) : 0;
}

int keep_seal_key(const struct configuration *configuration, struct store *store,
		  struct seal_key *ret_key, struct refusal *why)
{
	_cleanup_free_ char *text = NULL;
	char path[PATH_MAX] = "";
	struct stat status;
	bool sealed, good;
	size_t size;
	int r;

	r = sealing_find(store, &sealed);
	if (r == 0 && !configuration->seal_key)
		r = make_path(configuration, "seal.key", path, why);
	if (r != 0)
		return r;
	if (configuration->seal_key && !string_copy(path, sizeof(path), configuration->seal_key))
		return refuse(why, 0, "the path '%.100s…' is too long", configuration->seal_key);
	r = file_read(path, SEAL_KEY_FILE_MAX, &text, &size);
	if (r == -ENOENT && !sealed)
		return make_seal_key(path, ret_key, why);
	if (r == 0 && stat(path, &status) == 0 && (status.st_mode & 027) != 0)
		r = refuse(why, 0,
			   "the seal key '%.200s' is open to others; run: chmod o=,g-w '%.200s'",
			   path, path);
	if (r == REFUSED) {
		explicit_bzero(text, size);
		return r;
	}
	if (r == -ENOENT)
		return refuse(
			why, 0,
			"the seal key '%.300s' is missing: the secrets of the store are sealed "
			"with it; put it back, from a backup perhaps",
			path);
	if (r < 0)
		return refuse(why, 0, "cannot read the seal key '%.400s': %s", path,
			      strerrordesc_np(-r));
	good = seal_key_parse(text, ret_key);
	explicit_bzero(text, size);
	return good ? 0 : refuse(why, 0, "'%.400s' is no seal key: 64 hexadecimal digits", path);
}

int keep_credentials(const struct configuration *configuration, struct control *control,
		     const char *endpoint, struct refusal *why)
{
	int r;

	r = keep_key(configuration, control, endpoint, "credentials.env", CALLER_USER, "admin",
		     why);
	if (r != 0)
		return r;
	return keep_key(configuration, control, endpoint, "agent.env", CALLER_HOST, "agent", why);
}

static int make_path(const struct configuration *configuration, const char *name,
		     char ret_path[PATH_MAX], struct refusal *why)
{
	if (snprintf(ret_path, PATH_MAX, "%s/%s", configuration->state, name) >= PATH_MAX)
		return refuse(why, 0, "the path '%.100s…' is too long", configuration->state);
	return 0;
}

/* Returns -ENOENT unless both files are there. */
static int read_pair(const struct configuration *configuration, const char *name,
		     struct certificate *ret_pair, struct refusal *why)
{
	const struct {
		const char *ending;
		char **text;
	} parts[] = {{"pem", &ret_pair->certificate}, {"key", &ret_pair->key}};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		char path[PATH_MAX], file[32];
		int r;

		(void)snprintf(file, sizeof(file), "%s.%s", name, parts[i].ending);
		r = make_path(configuration, file, path, why);
		if (r == 0)
			r = file_read(path, CERTIFICATE_FILE_MAX, parts[i].text, NULL);
		if (r < 0 && r != -ENOENT)
			return refuse(why, 0, "cannot read '%.400s': %s", path,
				      strerrordesc_np(-r));
		if (r != 0)
			return r;
	}
	return 0;
}

/* The key goes first: a certificate without it would look like a damaged pair. */
static int write_pair(const struct configuration *configuration, const char *name,
		      const struct certificate *pair, struct refusal *why)
{
	const struct {
		const char *ending, *text;
		mode_t mode;
	} parts[] = {{"key", pair->key, 0600}, {"pem", pair->certificate, 0644}};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		char path[PATH_MAX], file[32];
		int r;

		(void)snprintf(file, sizeof(file), "%s.%s", name, parts[i].ending);
		r = make_path(configuration, file, path, why);
		if (r != 0)
			return r;
		r = file_replace(path, parts[i].text, strlen(parts[i].text), parts[i].mode);
		if (r < 0)
			return refuse(why, 0, "cannot write '%.400s': %s", path,
				      strerrordesc_np(-r));
	}
	return 0;
}

static int make_seal_key(const char *path, struct seal_key *ret_key, struct refusal *why)
{
	char text[SEAL_KEY_TEXT_SIZE + 1];
	struct seal_key key;
	int r;

	random_bytes(key.bytes, sizeof(key.bytes));
	seal_key_format(&key, text);
	text[SEAL_KEY_TEXT_SIZE - 1] = '\n';
	r = file_replace(path, text, SEAL_KEY_TEXT_SIZE, 0600);
	explicit_bzero(text, sizeof(text));
	if (r < 0)
		return refuse(why, 0, "cannot write the seal key '%.400s': %s", path,
			      strerrordesc_np(-r));
	log_info("made the seal key '%s'; without a copy of it, backups of the store are of no use",
		 path);
	*ret_key = key;
	explicit_bzero(&key, sizeof(key));
	return 0;
}

static int keep_authority(const struct configuration *configuration, int64_t now,
			  struct certificate *ret_authority, struct refusal *why)
{
	int r;

	r = read_pair(configuration, "ca", ret_authority, why);
	if (r != -ENOENT)
		return r;
	certificate_fini(ret_authority);
	r = certificate_make_authority("Traffic Mirror", now, ret_authority);
	if (r < 0)
		return r;
	r = write_pair(configuration, "ca", ret_authority, why);
	if (r == 0)
		log_info("made a certificate authority in '%s'", configuration->state);
	return r;
}

/* What clients may call us: the address they dial, this machine's name if that can be any, and what the
 * administrator adds. */
static size_t list_names(const struct configuration *configuration, char address[ADDRESS_TEXT_SIZE],
			 char host[HOST_NAME_MAX + 1], const char *names[CERTIFICATE_NAMES_MAX])
{
	static const char *const local[] = {"localhost", "127.0.0.1", "::1"};
	const bool local_only = address_is_loopback(&configuration->listen);
	const bool any = address_is_any(&configuration->listen);
	size_t count = 0;

	for (size_t i = 0; i < configuration->name_count; i++)
		names[count++] = configuration->names[i];
	if (any && gethostname(host, HOST_NAME_MAX + 1) == 0 && host[0] != '\0')
		names[count++] = host;
	address_format(&configuration->listen, address);
	if (!any)
		names[count++] = address;
	for (size_t i = 0; i < ARRAY_SIZE(local) && (any || local_only); i++)
		if (any || strcmp(local[i], address) != 0)
			names[count++] = local[i];
	return count;
}

/* The store says which keys are good, the file which of them is ours. */
static int keep_key(const struct configuration *configuration, struct control *control,
		    const char *endpoint, const char *file, enum caller_kind kind, const char *name,
		    struct refusal *why)
{
	struct credentials kept = {}, wanted = {};
	char path[PATH_MAX], directory[PATH_MAX];
	struct access_key key;
	struct refusal detail = {};
	int r;

	r = make_path(configuration, file, path, why);
	if (r != 0)
		return r;
	r = credentials_read(path, &kept, &detail);
	if (r == REFUSED)
		return refuse(why, 0, "'%.300s': %.150s", path, detail.text);
	if (r < 0 && r != -ENOENT)
		return refuse(why, 0, "cannot read '%.400s': %s", path, strerrordesc_np(-r));
	r = find_or_make_key(control, kept.access_key_id, kind, name, &key, why);
	if (r != 0)
		return r;
	if (!realpath(configuration->state, directory))
		return -errno;
	(void)string_copy(wanted.access_key_id, sizeof(wanted.access_key_id), key.id);
	(void)string_copy(wanted.secret_access_key, sizeof(wanted.secret_access_key), key.secret);
	(void)string_copy(wanted.region, sizeof(wanted.region), configuration->region);
	(void)string_copy(wanted.endpoint, sizeof(wanted.endpoint), endpoint);
	explicit_bzero(&key, sizeof(key));
	if (configuration->certificate &&
	    !string_copy(wanted.ca_bundle, sizeof(wanted.ca_bundle),
			 configuration->authority ? configuration->authority : ""))
		return refuse(why, 0, "the path '%.100s…' is too long", configuration->authority);
	if (!configuration->plain_http && !configuration->certificate &&
	    (size_t)snprintf(wanted.ca_bundle, sizeof(wanted.ca_bundle), "%s/ca.pem", directory) >=
		    sizeof(wanted.ca_bundle))
		return refuse(why, 0, "the path '%.100s…' is too long", directory);
	if (memcmp(&kept, &wanted, sizeof(kept)) == 0)
		return 0;
	r = credentials_write(path, &wanted);
	if (r < 0)
		return refuse(why, 0, "cannot write '%.400s': %s", path, strerrordesc_np(-r));
	return 0;
}

static int find_or_make_key(struct control *control, const char *id, enum caller_kind kind,
			    const char *name, struct access_key *ret_key, struct refusal *why)
{
	int r;

	if (*id != '\0') {
		r = control_find_access_key(control, id, ret_key, why);
		if (r < 0 || (r == 0 && ret_key->caller.kind == kind))
			return r;
	}
	r = control_create_access_key(control, kind, name, ret_key, why);
	if (r == 0)
		log_info("made access key %s for '%s'", ret_key->id, name);
	return r;
}
