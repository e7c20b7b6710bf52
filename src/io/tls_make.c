#include <assert.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "io/tls_private.h"

#define SERIAL_BYTES 16

static GENERAL_NAME *
general_name(const char *name)
{
	GENERAL_NAME *g = GENERAL_NAME_new();
	ASN1_OCTET_STRING *s = a2i_IPADDRESS(name);
	int type = s != NULL ? GEN_IPADD : GEN_DNS;

	if (s == NULL)
		s = ASN1_STRING_type_new(V_ASN1_IA5STRING);
	tls_must(g != NULL && s != NULL);
	if (type == GEN_DNS)
		tls_must(ASN1_STRING_set(s, name, -1) == 1);
	GENERAL_NAME_set0_value(g, type, s);
	return g;
}

static void
add_names(X509 *cert, const char *const *names, size_t n)
{
	GENERAL_NAMES *all = sk_GENERAL_NAME_new_null();

	tls_must(all != NULL);
	for (size_t i = 0; i < n; i++)
		tls_must(sk_GENERAL_NAME_push(all, general_name(names[i])) > 0);
	tls_must(X509_add1_ext_i2d(cert, NID_subject_alt_name, all, 0, 0) == 1);
	GENERAL_NAMES_free(all);
}

static void
add_use(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	tls_must(e != NULL && X509_add_ext(cert, e, -1) == 1);
	X509_EXTENSION_free(e);
}

/* A common name has 64 characters at the most; the names are what counts. */
static void
set_subject(X509 *cert, const char *subject)
{
	X509_NAME *name = X509_get_subject_name(cert);
	int n = (int)MIN(strlen(subject), (size_t)ub_common_name);

	tls_must(X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_ASC,
		     (const unsigned char *)subject, n, -1, 0) == 1 &&
		 X509_set_issuer_name(cert, name) == 1);
}

/* From an hour ago, for clients whose clocks are late. */
static void
add_facts(X509 *cert, const char *subject, uint32_t days)
{
	unsigned char serial[SERIAL_BYTES];
	BIGNUM *number;

	tls_must(RAND_bytes(serial, sizeof(serial)) == 1);
	serial[0] &= 0x7f;
	number = BN_bin2bn(serial, sizeof(serial), NULL);
	tls_must(
	    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL);
	BN_free(number);

	tls_must(X509_set_version(cert, X509_VERSION_3) == 1 &&
		 X509_gmtime_adj(X509_getm_notBefore(cert), -3600) != NULL &&
		 X509_time_adj_ex(X509_getm_notAfter(cert), (int)days, 0,
		     NULL) != NULL);
	set_subject(cert, subject);
}

static void
add_pem(struct buf *out, BIO *bio)
{
	char *p;
	long n = BIO_get_mem_data(bio, &p);

	buf_add(out, span_of(p, (size_t)n));
	BIO_free(bio);
}

void
tls_cert_make(const char *const *names, size_t name_count, uint32_t days,
    struct buf *chain, struct buf *key)
{
	EVP_PKEY *pair;
	X509 *cert;
	BIO *bio;

	assert(name_count > 0);
	tls_init();
	pair = EVP_EC_gen("P-256");
	cert = X509_new();
	tls_must(pair != NULL && cert != NULL);
	add_facts(cert, names[0], days);
	tls_must(X509_set_pubkey(cert, pair) == 1);
	add_names(cert, names, name_count);
	add_use(cert, NID_basic_constraints, "critical,CA:FALSE");
	add_use(cert, NID_key_usage, "critical,digitalSignature");
	add_use(cert, NID_ext_key_usage, "serverAuth");
	tls_must(X509_sign(cert, pair, EVP_sha256()) > 0);

	bio = BIO_new(BIO_s_mem());
	tls_must(bio != NULL && PEM_write_bio_X509(bio, cert) == 1);
	add_pem(chain, bio);
	bio = BIO_new(BIO_s_mem());
	tls_must(bio != NULL && PEM_write_bio_PrivateKey(bio, pair, NULL, NULL,
				    0, NULL, NULL) == 1);
	add_pem(key, bio);

	X509_free(cert);
	EVP_PKEY_free(pair);
}
