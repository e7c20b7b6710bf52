#include "base/test.h"

#include <crypt.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "directory/secret.h"

/* The least that the libraries take: these tests are not about time. */
static const struct secret_costs cheap = { 8, 1, 1, 4096 };

static struct secret
made_of(const char *password)
{
	struct secret s;

	assert_ok(secret_make(&cheap, span_str(password), &s));
	return s;
}

static void
a_secret_fits_its_password_only(void **state)
{
	struct secret s = made_of("correct horse");

	(void)state;
	assert_ok(secret_check(s.hash, SPAN("correct horse")));
	assert_int_equal(secret_check(s.hash, SPAN("correct horsf")),
	    ST_DENIED);
	assert_int_equal(secret_check(s.hash, SPAN("")), ST_DENIED);
	assert_int_equal(secret_check("", SPAN("")), ST_DENIED);
	assert_memory_equal(s.hash, "$argon2id$v=19$m=8,t=1,p=1$", 27);
}

static void
two_secrets_of_one_password_differ(void **state)
{
	struct secret a = made_of("same"), b = made_of("same");

	(void)state;
	assert_string_not_equal(a.hash, b.hash);
	assert_memory_not_equal(a.scram[0].salt, b.scram[0].salt, 16);
	assert_memory_not_equal(a.scram[0].salt, a.scram[1].salt, 16);
}

static void
what_is_hashed_is_the_prepared_password(void **state)
{
	struct secret s = made_of("p\xc2\xb2"); /* superscript two */

	(void)state;
	assert_true(s.has_scram);
	assert_ok(secret_check(s.hash, SPAN("p\xc2\xb2")));
	assert_ok(secret_check(s.hash, SPAN("p2")));
}

static void
what_cannot_be_prepared_is_hashed_as_it_is(void **state)
{
	struct secret s = made_of("tab\there");

	(void)state;
	assert_false(s.has_scram);
	assert_ok(secret_check(s.hash, SPAN("tab\there")));
	assert_int_equal(secret_check(s.hash, SPAN("tabhere")), ST_DENIED);
}

static void
imported_hashes_are_checked(void **state)
{
	static const struct {
		const char *text;
		const char *password;
	} cases[] = {
		/* Ulrich Drepper's specification of SHA-crypt */
		{ "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/"
		  "GNooZaBBGWEc5",
		    "Hello world!" },
		{ "{SHA256-CRYPT}$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/"
		  "GNooZaBBGWEc5",
		    "Hello world!" },
		{ "{sha512-crypt}$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSM"
		  "HWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
		    "Hello world!" },
		/* the test suite of crypt_blowfish */
		{ "{BLF-CRYPT}$2y$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/"
		  "Z0DY336zx7pLYAy0lwK",
		    "U*U*" },
		{ "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe"
		  "W",
		    "U*U" },
		/* argon2's reference implementation */
		{ "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/"
		  "uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		    "password" },
		{ "{ARGON2I}$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3sp"
		  "W+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
		    "password" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span text = span_str(cases[i].text);
		struct secret s;

		assert_ok(secret_import(&cheap, text, &s));
		assert_false(s.has_scram);
		assert_ok(secret_check(s.hash, span_str(cases[i].password)));
		assert_int_equal(secret_check(s.hash, SPAN("wrong")),
		    ST_DENIED);
		assert_true(secret_outdated(&cheap, s.hash));
	}
}

static void
what_this_systems_crypt_makes_is_checked(void **state)
{
	static const char *const kinds[] = { "$5$", "$6$", "$y$", "$2b$" };
	struct crypt_data data = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		char setting[CRYPT_GENSALT_OUTPUT_SIZE];
		struct secret s;

		assert_non_null(
		    crypt_gensalt_rn(kinds[i], kinds[i][1] == '2' ? 4 : 0, NULL,
			0, setting, sizeof(setting)));
		assert_non_null(crypt_r("p\xc2\xb2", setting, &data));
		assert_ok(secret_import(&cheap, span_str(data.output), &s));
		/* as it was typed, not as SASLprep makes it */
		assert_ok(secret_check(s.hash, SPAN("p\xc2\xb2")));
		assert_int_equal(secret_check(s.hash, SPAN("p2")), ST_DENIED);
	}
}

static void
an_imported_argon2_hash_is_of_the_typed_password(void **state)
{
	/* made by argon2(1) of "p" and a superscript two */
	struct secret s;

	(void)state;
	assert_ok(secret_import(&cheap,
	    SPAN("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/"
		 "uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"),
	    &s));
	/* U+FF50 is a p once it is prepared */
	assert_int_equal(secret_check(s.hash, SPAN("\xef\xbd\x90"
						   "assword")),
	    ST_DENIED);
	assert_ok(secret_check(s.hash, SPAN("password")));
}

static void
a_plain_password_is_hashed_when_imported(void **state)
{
	struct secret s;

	(void)state;
	assert_ok(secret_import(&cheap, SPAN("{PLAIN}open {PLAIN}"), &s));
	assert_ok(secret_check(s.hash, SPAN("open {PLAIN}")));
	assert_true(s.has_scram);
	assert_false(secret_outdated(&cheap, s.hash));
}

static void
what_is_no_hash_is_refused(void **state)
{
	static const struct span bad[] = {
		SPAN_INIT(""),
		SPAN_INIT("*"),
		SPAN_INIT("!"),
		SPAN_INIT("password"),
		SPAN_INIT("{MD5}5f4dcc3b5aa765d61d8327deb882cf99"),
		SPAN_INIT("$1$abcdefgh$irWbblnpmw.5z7wgBnprh0"),
		SPAN_INIT("{SHA512-CRYPT}"),
		SPAN_INIT("{SHA512-CRYPT}hello"),
		SPAN_INIT("$6$nothing-behind-the-salt"),
		SPAN_INIT("$6$a\0b$c"),
		/* without a salt */
		SPAN_INIT("$5$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"),
		/* cut, and with something behind it */
		SPAN_INIT("$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/"
			  "GNooZaBBGWEc"),
		SPAN_INIT("$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/"
			  "GNooZaBBGWEc5:"),
		SPAN_INIT("$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/"
			  "GNooZaBBGWEc:"),
		SPAN_INIT("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4"
			  "YMJKvyOe"),
		SPAN_INIT("$2y$99$CCCCCCCCCCCCCCCCCCCCC."),
		SPAN_INIT("$argon2id$"),
		SPAN_INIT("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$!!!!"),
		SPAN_INIT("$argon2id$v=19$m=256,t=2$c29tZXNhbHQ$nf65EOg"),
	};
	struct secret s = { .hash = "as it was" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		enum status st = secret_import(&cheap, bad[i], &s);

		assert_true(st == ST_BAD || st == ST_LIMIT);
		assert_string_equal(s.hash, "as it was");
	}
}

static void
hashes_that_take_minutes_are_refused(void **state)
{
	static const struct span costly[] = {
		SPAN_INIT("$6$rounds=999999999$abc$defghijklmnop"),
		SPAN_INIT("$2b$20$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/"
			  "Z0DY336zx7pLYAy0lwK"),
		SPAN_INIT("$argon2id$v=19$m=4294967295,t=2,p=1$c29tZXNhbHQ$"
			  "nf65EOgLrQMR"),
		SPAN_INIT("$argon2id$v=19$m=256,t=100000,p=1$c29tZXNhbHQ$"
			  "nf65EOgLrQMR"),
		SPAN_INIT("$argon2i$v=19$m=256,t=2,p=200$c29tZXNhbHQ$"
			  "nf65EOgLrQMR"),
	};
	struct secret s;

	(void)state;
	for (size_t i = 0; i < COUNT(costly); i++)
		assert_int_equal(secret_import(&cheap, costly[i], &s),
		    ST_LIMIT);
}

static void
a_hash_of_other_costs_is_outdated(void **state)
{
	struct secret_costs more = cheap;
	struct secret s = made_of("password");

	(void)state;
	assert_false(secret_outdated(&cheap, s.hash));
	more.argon2_kib = 16;
	assert_true(secret_outdated(&more, s.hash));
	more = cheap;
	more.argon2_passes = 2;
	assert_true(secret_outdated(&more, s.hash));
}

static void
passwords_have_a_longest(void **state)
{
	unsigned char long_one[LIMIT_PASSWORD + 1];
	struct secret s;

	(void)state;
	memset(long_one, 'a', sizeof(long_one));
	assert_ok(secret_make(&cheap, span_of(long_one, LIMIT_PASSWORD), &s));
	assert_ok(secret_check(s.hash, span_of(long_one, LIMIT_PASSWORD)));
	assert_int_equal(secret_make(&cheap,
			     span_of(long_one, sizeof(long_one)), &s),
	    ST_LIMIT);
	assert_int_equal(secret_check(s.hash,
			     span_of(long_one, sizeof(long_one))),
	    ST_DENIED);
	/* crypt(3) takes fewer */
	assert_ok(secret_import(&cheap,
	    SPAN("$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"),
	    &s));
	assert_int_equal(secret_check(s.hash, span_of(long_one, 512)),
	    ST_DENIED);
	assert_int_equal(secret_check(s.hash, SPAN("Hello world!\0")),
	    ST_DENIED);
	secret_pretend(&cheap, span_of(long_one, sizeof(long_one)));
}

static size_t
from_base64(const char *text, unsigned char *out)
{
	size_t n = strlen(text);
	int got = EVP_DecodeBlock(out, (const unsigned char *)text, (int)n);

	assert_true(got > 0);
	return (size_t)got - (text[n - 1] == '=') - (text[n - 2] == '=');
}

/*
 * The example exchanges of RFC 5802 section 5 and RFC 7677 section 3: with
 * keys made of the password "pencil", the client's proof is right and the
 * server's signature is the RFC's.
 */
static void
scram_keys_are_those_of_the_rfcs(void **state)
{
	static const struct {
		enum scram_hash h;
		const char *salt, *proof, *signature, *auth_message;
	} cases[] = {
		{ SCRAM_SHA1, "QSXCR+Q6sek8bf92",
		    "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
		    "rmF9pqV8S7suAoZWja4dJRkFsKQ=",
		    "n=user,r=fyko+d2lbbFgONRv9qkxdawL,"
		    "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,"
		    "s=QSXCR+Q6sek8bf92,i=4096,"
		    "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j" },
		{ SCRAM_SHA256, "W22ZaJ0SNY7soEsUEjb6gQ==",
		    "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
		    "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
		    "n=user,r=rOprNGfwEbeRWgbNEkqO,"
		    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
		    "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
		    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)"
		    "hNlF$k0" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scram_keys k = { .iterations = 4096 };
		const EVP_MD *md =
		    cases[i].h == SCRAM_SHA1 ? EVP_sha1() : EVP_sha256();
		size_t bytes = scram_key_bytes(cases[i].h);
		unsigned char mac[64], proof[64], signature[64];
		struct span message = span_str(cases[i].auth_message);

		k.salt_n = from_base64(cases[i].salt, k.salt);
		scram_derive(cases[i].h, SPAN("pencil"), &k);

		assert_int_equal(from_base64(cases[i].signature, signature),
		    bytes);
		HMAC(md, k.server_key, (int)bytes, message.p, message.n, mac,
		    NULL);
		assert_memory_equal(mac, signature, bytes);

		assert_int_equal(from_base64(cases[i].proof, proof), bytes);
		HMAC(md, k.stored_key, (int)bytes, message.p, message.n, mac,
		    NULL);
		for (size_t b = 0; b < bytes; b++)
			proof[b] ^= mac[b];
		assert_int_equal(EVP_Digest(proof, bytes, mac, NULL, md, NULL),
		    1);
		assert_memory_equal(mac, k.stored_key, bytes);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_secret_fits_its_password_only),
		cmocka_unit_test(two_secrets_of_one_password_differ),
		cmocka_unit_test(what_is_hashed_is_the_prepared_password),
		cmocka_unit_test(what_cannot_be_prepared_is_hashed_as_it_is),
		cmocka_unit_test(imported_hashes_are_checked),
		cmocka_unit_test(what_this_systems_crypt_makes_is_checked),
		cmocka_unit_test(
		    an_imported_argon2_hash_is_of_the_typed_password),
		cmocka_unit_test(a_plain_password_is_hashed_when_imported),
		cmocka_unit_test(what_is_no_hash_is_refused),
		cmocka_unit_test(hashes_that_take_minutes_are_refused),
		cmocka_unit_test(a_hash_of_other_costs_is_outdated),
		cmocka_unit_test(passwords_have_a_longest),
		cmocka_unit_test(scram_keys_are_those_of_the_rfcs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
