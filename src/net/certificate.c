// SPDX-License-Identifier: Apache-2.0
#include "net/certificate.h"

#include "base/address.h"
#include "base/count.h"
#include "base/random.h"
#include "base/text.h"

#include <errno.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY_SECONDS (24 * 60 * 60)

/* A certificate and its key while they are worked on. */
struct pair {
	gnutls_x509_crt_t certificate;
	gnutls_x509_privkey_t key;
};

static int pair_new(struct pair *pair, const char *name, int64_t now, int days);
static int pair_load(struct pair *pair, const struct certificate *source);
static void pair_fini(struct pair *pair);
#define _cleanup_pair_ _cleanup_(pair_fini)
static int pair_export(const struct pair *pair, struct certificate *ret_certificate);
static int add_name(gnutls_x509_crt_t certificate, const char *name);
static int add_key_ids(gnutls_x509_crt_t certificate, gnutls_x509_crt_t issuer);
static int export_text(gnutls_datum_t *exported, char **ret_text);
static bool pair_belongs(const struct pair *pair);
static bool is_signed_by(gnutls_x509_crt_t certificate, gnutls_x509_crt_t authority);
static bool covers(gnutls_x509_crt_t certificate, const char *name);

void certificate_fini(struct certificate *certificate)
{
	if (certificate->key)
		explicit_bzero(certificate->key, strlen(certificate->key));
	free(certificate->certificate);
	free(certificate->key);
	*certificate = (struct certificate){};
}

/* GnuTLS has its own error numbers; nobody here can do better than say that it failed. */
static int fault(int gnutls_error)
{
	return gnutls_error == GNUTLS_E_MEMORY_ERROR ? -ENOMEM : -EIO;
}

int certificate_make_authority(const char *name, int64_t now, struct certificate *ret_authority)
{
	_cleanup_pair_ struct pair pair = {};
	int r;

	r = pair_new(&pair, name, now, CERTIFICATE_AUTHORITY_DAYS);
	if (r < 0)
		return r;
	r = gnutls_x509_crt_set_basic_constraints(pair.certificate, 1, 0);
	if (r >= 0)
		r = gnutls_x509_crt_set_key_usage(pair.certificate,
						  GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN);
	if (r < 0)
		return fault(r);
	r = add_key_ids(pair.certificate, pair.certificate);
	if (r < 0)
		return r;
	r = gnutls_x509_crt_sign2(pair.certificate, pair.certificate, pair.key, GNUTLS_DIG_SHA256,
				  0);
	if (r < 0)
		return fault(r);
	return pair_export(&pair, ret_authority);
}

int certificate_make_server(const struct certificate *authority, const char *const *names,
			    size_t name_count, int64_t now, struct certificate *ret_server)
{
	_cleanup_pair_ struct pair pair = {}, issuer = {};
	int r;

	if (name_count == 0 || name_count > CERTIFICATE_NAMES_MAX)
		return -EINVAL;
	r = pair_load(&issuer, authority);
	if (r < 0)
		return r;
	r = pair_new(&pair, names[0], now, CERTIFICATE_SERVER_DAYS);
	if (r < 0)
		return r;
	for (size_t i = 0; i < name_count; i++) {
		r = add_name(pair.certificate, names[i]);
		if (r < 0)
			return r;
	}
	r = gnutls_x509_crt_set_basic_constraints(pair.certificate, 0, -1);
	if (r >= 0)
		r = gnutls_x509_crt_set_key_usage(pair.certificate, GNUTLS_KEY_DIGITAL_SIGNATURE);
	if (r >= 0)
		r = gnutls_x509_crt_set_key_purpose_oid(pair.certificate, GNUTLS_KP_TLS_WWW_SERVER,
							0);
	if (r < 0)
		return fault(r);
	r = add_key_ids(pair.certificate, issuer.certificate);
	if (r < 0)
		return r;
	r = gnutls_x509_crt_sign2(pair.certificate, issuer.certificate, issuer.key,
				  GNUTLS_DIG_SHA256, 0);
	if (r < 0)
		return fault(r);
	return pair_export(&pair, ret_server);
}

bool certificate_is_good(const struct certificate *server, const struct certificate *authority,
			 const char *const *names, size_t name_count, int64_t now)
{
	_cleanup_pair_ struct pair pair = {}, issuer = {};
	int64_t renewal = now + (int64_t)CERTIFICATE_RENEWAL_DAYS * DAY_SECONDS;

	if (pair_load(&pair, server) < 0 || pair_load(&issuer, authority) < 0)
		return false;
	if (!pair_belongs(&pair) || !is_signed_by(pair.certificate, issuer.certificate))
		return false;
	if (gnutls_x509_crt_get_activation_time(pair.certificate) > now ||
	    gnutls_x509_crt_get_expiration_time(pair.certificate) < renewal)
		return false;
	for (size_t i = 0; i < name_count; i++)
		if (!covers(pair.certificate, names[i]))
			return false;
	return true;
}

bool certificate_is_whole(const struct certificate *certificate)
{
	_cleanup_(pair_fini) struct pair pair = {};

	return pair_load(&pair, certificate) == 0 && pair_belongs(&pair);
}

static int pair_new(struct pair *pair, const char *name, int64_t now, int days)
{
	unsigned char serial[16];
	int r;

	random_bytes(serial, sizeof(serial));
	serial[0] = (unsigned char)((serial[0] & 0x3f) | 0x40); /* Positive, and of full length. */
	r = gnutls_x509_privkey_init(&pair->key);
	if (r >= 0)
		r = gnutls_x509_privkey_generate(pair->key, GNUTLS_PK_ECDSA,
						 GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1),
						 0);
	if (r >= 0)
		r = gnutls_x509_crt_init(&pair->certificate);
	if (r >= 0)
		r = gnutls_x509_crt_set_version(pair->certificate, 3);
	if (r >= 0)
		r = gnutls_x509_crt_set_serial(pair->certificate, serial, sizeof(serial));
	if (r >= 0)
		r = gnutls_x509_crt_set_activation_time(pair->certificate, now - DAY_SECONDS);
	if (r >= 0)
		r = gnutls_x509_crt_set_expiration_time(pair->certificate,
							now + (int64_t)days * DAY_SECONDS);
	/* A common name holds 64 characters; what counts are the alternative names. */
	if (r >= 0)
		r = gnutls_x509_crt_set_dn_by_oid(pair->certificate, GNUTLS_OID_X520_COMMON_NAME, 0,
						  name, (unsigned int)strnlen(name, 64));
	if (r >= 0)
		r = gnutls_x509_crt_set_key(pair->certificate, pair->key);
	return r < 0 ? fault(r) : 0;
}

static int pair_load(struct pair *pair, const struct certificate *source)
{
	gnutls_datum_t certificate = {(unsigned char *)source->certificate,
				      (unsigned int)strlen(source->certificate)};
	gnutls_datum_t key = {(unsigned char *)source->key, (unsigned int)strlen(source->key)};
	int r;

	r = gnutls_x509_crt_init(&pair->certificate);
	if (r >= 0)
		r = gnutls_x509_crt_import(pair->certificate, &certificate, GNUTLS_X509_FMT_PEM);
	if (r >= 0)
		r = gnutls_x509_privkey_init(&pair->key);
	if (r >= 0)
		r = gnutls_x509_privkey_import(pair->key, &key, GNUTLS_X509_FMT_PEM);
	return r < 0 ? fault(r) : 0;
}

static void pair_fini(struct pair *pair)
{
	if (pair->certificate)
		gnutls_x509_crt_deinit(pair->certificate);
	if (pair->key)
		gnutls_x509_privkey_deinit(pair->key);
	*pair = (struct pair){};
}

static int pair_export(const struct pair *pair, struct certificate *ret_certificate)
{
	_cleanup_certificate_ struct certificate certificate = {};
	gnutls_datum_t exported = {};
	int r;

	r = gnutls_x509_crt_export2(pair->certificate, GNUTLS_X509_FMT_PEM, &exported);
	if (r < 0)
		return fault(r);
	r = export_text(&exported, &certificate.certificate);
	if (r < 0)
		return r;
	r = gnutls_x509_privkey_export2_pkcs8(pair->key, GNUTLS_X509_FMT_PEM, NULL,
					      GNUTLS_PKCS_PLAIN, &exported);
	if (r < 0)
		return fault(r);
	r = export_text(&exported, &certificate.key);
	if (r < 0)
		return r;
	*ret_certificate = certificate;
	certificate = (struct certificate){};
	return 0;
}

static int add_name(gnutls_x509_crt_t certificate, const char *name)
{
	struct address address;
	int r;

	if (address_parse(name, &address))
		r = gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_IPADDRESS,
							 address.bytes, address_size(&address),
							 GNUTLS_FSAN_APPEND);
	else
		r = gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_DNSNAME, name,
							 (unsigned int)strlen(name),
							 GNUTLS_FSAN_APPEND);
	return r < 0 ? fault(r) : 0;
}

/* Verifiers that keep to the letter of RFC 5280 want both. */
static int add_key_ids(gnutls_x509_crt_t certificate, gnutls_x509_crt_t issuer)
{
	unsigned char id[64];
	size_t size = sizeof(id);
	int r;

	r = gnutls_x509_crt_get_key_id(certificate, 0, id, &size);
	if (r >= 0)
		r = gnutls_x509_crt_set_subject_key_id(certificate, id, size);
	size = sizeof(id);
	if (r >= 0)
		r = gnutls_x509_crt_get_key_id(issuer, 0, id, &size);
	if (r >= 0)
		r = gnutls_x509_crt_set_authority_key_id(certificate, id, size);
	return r < 0 ? fault(r) : 0;
}

static int export_text(gnutls_datum_t *exported, char **ret_text)
{
	*ret_text = strndup((const char *)exported->data, exported->size);
	explicit_bzero(exported->data, exported->size);
	gnutls_free(exported->data);
	*exported = (gnutls_datum_t){};
	return *ret_text ? 0 : -ENOMEM;
}

static bool pair_belongs(const struct pair *pair)
{
	unsigned char of_certificate[64], of_key[64];
	size_t certificate_size = sizeof(of_certificate), key_size = sizeof(of_key);

	return gnutls_x509_crt_get_key_id(pair->certificate, 0, of_certificate,
					  &certificate_size) >= 0 &&
	       gnutls_x509_privkey_get_key_id(pair->key, 0, of_key, &key_size) >= 0 &&
	       certificate_size == key_size && memcmp(of_certificate, of_key, key_size) == 0;
}

static bool is_signed_by(gnutls_x509_crt_t certificate, gnutls_x509_crt_t authority)
{
	unsigned int verdict = 0;

	return gnutls_x509_crt_verify(certificate, &authority, 1, GNUTLS_VERIFY_DISABLE_TIME_CHECKS,
				      &verdict) >= 0 &&
	       verdict == 0;
}

static bool covers(gnutls_x509_crt_t certificate, const char *name)
{
	return gnutls_x509_crt_check_hostname(certificate, name) != 0;
}
