#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <time.h>

#include "base/clock.h"
#include "io/tls_private.h"

void
tls_parsed_clear(struct tls_parsed *p)
{
	X509_free(p->leaf);
	sk_X509_pop_free(p->rest, X509_free);
	EVP_PKEY_free(p->key);
	*p = (struct tls_parsed){ 0 };
}

static BIO *
bio_over(struct span s)
{
	BIO *bio = BIO_new_mem_buf(s.p, (int)s.n);

	tls_must(bio != NULL);
	return bio;
}

enum status
tls_pem_certs(struct span pem, STACK_OF(X509) * *out)
{
	STACK_OF(X509) *certs = sk_X509_new_null();
	BIO *bio = bio_over(pem);
	X509 *cert;

	tls_must(certs != NULL);
	ERR_clear_error();
	while ((cert = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
		tls_must(sk_X509_push(certs, cert) > 0);
	BIO_free(bio);

	/* "No start line" is how a text ends that has been read. */
	if (sk_X509_num(certs) == 0 ||
	    ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
		sk_X509_pop_free(certs, X509_free);
		return ST_BAD;
	}
	ERR_clear_error();
	*out = certs;
	return ST_OK;
}

/* A key that needs a pass phrase can't be used: nobody is there to ask. */
static int
/* NOLINTNEXTLINE(readability-non-const-parameter): OpenSSL has it so */
no_pass_phrase(char *room, int cap, int writing, void *arg)
{
	(void)room;
	(void)cap;
	(void)writing;
	*(bool *)arg = true;
	return -1;
}

static enum status
parse_key(struct span pem, struct buf *why, EVP_PKEY **out)
{
	BIO *bio = bio_over(pem);
	bool locked = false;

	*out = PEM_read_bio_PrivateKey(bio, NULL, no_pass_phrase, &locked);
	BIO_free(bio);
	if (*out != NULL)
		return ST_OK;
	tls_explain(why,
	    locked ? "the key is protected by a pass phrase: store it without"
		   : "there is no private key in PEM form");
	return ST_BAD;
}

enum status
tls_cert_parse(const struct tls_cert *cert, struct buf *why,
    struct tls_parsed *out)
{
	tls_init();
	if (tls_pem_certs(cert->chain, &out->rest) != ST_OK) {
		tls_explain(why, "there is no certificate in PEM form");
		return ST_BAD;
	}
	out->leaf = sk_X509_shift(out->rest);
	if (parse_key(cert->key, why, &out->key) != ST_OK)
		return ST_BAD;
	if (X509_check_private_key(out->leaf, out->key) != 1) {
		tls_explain(why, "the key belongs to another certificate");
		return ST_BAD;
	}
	return ST_OK;
}

static struct span
name_text(struct arena *a, const X509_NAME *name)
{
	BIO *bio = BIO_new(BIO_s_mem());
	struct span out;
	char *p;
	long n;

	tls_must(bio != NULL);
	(void)X509_NAME_print_ex(bio, name, 0,
	    XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
	n = BIO_get_mem_data(bio, &p);
	out = arena_dup(a, span_of(p, n > 0 ? (size_t)n : 0));
	BIO_free(bio);
	return out;
}

static int64_t
time_wall(const ASN1_TIME *t)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(t, &tm) != 1)
		return 0;
	return timegm(&tm);
}

/* The text of a DNS name or an address; empty for other kinds. */
static struct span
alt_name(struct arena *a, const GENERAL_NAME *g)
{
	char text[INET6_ADDRSTRLEN];
	const ASN1_STRING *s =
	    g->type == GEN_IPADD ? g->d.iPAddress : g->d.dNSName;
	int family;

	if (g->type == GEN_DNS)
		return arena_dup(a, span_of(ASN1_STRING_get0_data(s),
					(size_t)ASN1_STRING_length(s)));
	if (g->type != GEN_IPADD)
		return span_of(NULL, 0);
	family = ASN1_STRING_length(s) == 4 ? AF_INET : AF_INET6;
	if (inet_ntop(family, ASN1_STRING_get0_data(s), text, sizeof(text)) ==
	    NULL)
		return span_of(NULL, 0);
	return arena_dup(a, span_str(text));
}

static void
alt_names(struct arena *a, X509 *cert, struct tls_cert_facts *out)
{
	GENERAL_NAMES *all;
	struct span *names;
	struct span name;
	int count;

	all = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	count = all != NULL ? sk_GENERAL_NAME_num(all) : 0;
	names = ARENA_ARRAY(a, (size_t)count, struct span);
	for (int i = 0; i < count; i++) {
		name = alt_name(a, sk_GENERAL_NAME_value(all, i));
		if (name.n > 0)
			names[out->name_count++] = name;
	}
	out->names = names;
	GENERAL_NAMES_free(all);
}

enum status
tls_cert_inspect(struct arena *a, const struct tls_cert *cert, struct buf *why,
    struct tls_cert_facts *out)
{
	CLEANUP(tls_parsed_clear) struct tls_parsed p = { 0 };
	struct tls_cert_facts facts = { 0 };
	enum status st;

	st = tls_cert_parse(cert, why, &p);
	if (st != ST_OK)
		return st;
	facts.subject = name_text(a, X509_get_subject_name(p.leaf));
	facts.issuer = name_text(a, X509_get_issuer_name(p.leaf));
	facts.not_before_wall = time_wall(X509_get0_notBefore(p.leaf));
	facts.not_after_wall = time_wall(X509_get0_notAfter(p.leaf));
	facts.self_signed = X509_self_signed(p.leaf, 0) == 1;
	alt_names(a, p.leaf, &facts);
	*out = facts;
	return ST_OK;
}

bool
tls_cert_is_for(const struct tls_cert *cert, const char *host)
{
	CLEANUP(tls_parsed_clear) struct tls_parsed p = { 0 };
	CLEANUP(buf_clear) struct buf why = { 0 };

	return tls_cert_parse(cert, &why, &p) == ST_OK &&
	       (X509_check_host(p.leaf, host, 0, 0, NULL) == 1 ||
		   X509_check_ip_asc(p.leaf, host, 0) == 1);
}

/* A name with a NUL in it is a trick. */
static bool
add_string(const ASN1_STRING *s, struct buf *out)
{
	struct span text =
	    span_of(ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s));

	if (text.n == 0 || span_find(text, '\0') < text.n)
		return false;
	buf_add(out, text);
	return true;
}

static bool
mail_identity(X509 *cert, struct buf *out)
{
	GENERAL_NAMES *all;
	bool found = false;

	all = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	for (int i = 0; !found && i < sk_GENERAL_NAME_num(all); i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(all, i);

		found =
		    g->type == GEN_EMAIL && add_string(g->d.rfc822Name, out);
	}
	GENERAL_NAMES_free(all);
	return found;
}

bool
tls_cert_identity(X509 *cert, struct buf *out)
{
	const X509_NAME *subject = X509_get_subject_name(cert);
	const ASN1_STRING *name;
	unsigned char *utf8;
	bool found;
	int at;
	int n;

	if (mail_identity(cert, out))
		return true;
	at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	if (at < 0)
		return false;
	name = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
	n = ASN1_STRING_to_UTF8(&utf8, name);
	if (n < 0)
		return false;
	found = n > 0 && memchr(utf8, '\0', (size_t)n) == NULL;
	if (found)
		buf_add(out, span_of(utf8, (size_t)n));
	OPENSSL_free(utf8);
	return found;
}

enum status
tls_cert_owner(struct span pem, struct buf *why, struct buf *out)
{
	STACK_OF(X509) * certs;
	bool found;

	tls_init();
	if (tls_pem_certs(pem, &certs) != ST_OK) {
		tls_explain(why, "there is no certificate in PEM form");
		return ST_BAD;
	}
	found = tls_cert_identity(sk_X509_value(certs, 0), out);
	sk_X509_pop_free(certs, X509_free);
	if (!found)
		BUF_LIT(why, "the certificate has neither a mail address nor a "
			     "common name");
	return found ? ST_OK : ST_BAD;
}
