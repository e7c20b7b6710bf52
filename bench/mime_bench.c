/*
 * How fast messages are summarised, and how fast their text is read: prints
 * MB/s and messages/s for a few kinds of mail, made here.  Run: ninja -C build
 * benchmark, or the program.
 */
#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"
#include "mime/summary.h"
#include "mime/text.h"

#define RUN_MS 700
#define PIECE  16384 /* of a part that is read at once */

static void
add_header(struct buf *b, const char *type)
{
	for (int i = 0; i < 8; i++)
		buf_printf(b,
		    "Received: from relay%d.example.net (relay%d.example.net "
		    "[192.0.2.%d])\r\n\tby mx.example.org (Postfix) with "
		    "ESMTPS id 4Vf3Tq2w7Bz9v%d\r\n\tfor <jane@example.org>; "
		    "Tue, 14 May 2024 09:%02d:11 +0200 (CEST)\r\n",
		    i, i, i, i, i);
	buf_str(b,
	    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
	    "\td=example.com; s=s1; h=from:to:subject:date:message-id;\r\n"
	    "\tbh=frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=;\r\n"
	    "\tb=Zl2S7nq8wV0oX9JmM5G5cQ7bq3n0m0cN1Zz3m4QY9J2mWc8v7\r\n"
	    "From: =?utf-8?Q?J=C3=B6rg_Schr=C3=B6der?= <joerg@example.com>\r\n"
	    "To: \"Doe, Jane\" <jane@example.org>, Bob <bob@example.org>\r\n"
	    "Cc: team@example.org\r\n"
	    "Subject: Re: [ops] =?utf-8?Q?Wartung_am_n=C3=A4chsten?=\r\n"
	    " =?utf-8?Q?_Dienstag?=\r\n"
	    "Date: Tue, 14 May 2024 09:00:00 +0200\r\n"
	    "Message-ID: <20240514.0900.4711@example.com>\r\n"
	    "In-Reply-To: <20240513.1800.1@example.org>\r\n"
	    "References: <20240512.1@example.org>\r\n"
	    " <20240513.1800.1@example.org>\r\n"
	    "MIME-Version: 1.0\r\n");
	buf_printf(b, "Content-Type: %s\r\n", type);
}

static void
add_text(struct buf *b, size_t bytes)
{
	size_t end = b->n + bytes;

	while (b->n < end)
		buf_str(b,
		    "Hello Jane, the maintenance window moves to next week.\r\n"
		    "Please tell the customers; the details are below.\r\n"
		    "\r\n"
		    "  - the database goes first, =C3=A4nderungen folgen\r\n");
}

static void
add_html(struct buf *b, size_t bytes)
{
	size_t end = b->n + bytes;

	buf_str(b, "<html><head><style>p { color: red }</style></head><body>"
		   "\r\n");
	while (b->n < end)
		buf_str(b, "<p class=3D\"x\">The maintenance window moves to "
			   "next=\r\n week.&nbsp;<b>Please</b> tell them.</p>"
			   "\r\n");
}

static void
add_base64(struct buf *b, size_t bytes)
{
	size_t end = b->n + bytes;

	while (b->n < end)
		buf_str(b, "JVBERi0xLjcKJeLjz9MKMTAgMCBvYmoKPDwvTGluZWFyaXpl"
			   "ZCAxL0wgMTA0ODU3Ni9PIDEy\r\n");
}

static void
make_plain(struct buf *b)
{
	add_header(b, "text/plain; charset=utf-8\r\n"
		      "Content-Transfer-Encoding: quoted-printable");
	buf_str(b, "\r\n");
	add_text(b, 2000);
}

static void
make_newsletter(struct buf *b)
{
	add_header(b, "multipart/alternative; boundary=\"=_alt\"");
	buf_str(b, "\r\n--=_alt\r\n"
		   "Content-Type: text/plain; charset=\"utf-8\"\r\n"
		   "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
	add_text(b, 6000);
	buf_str(b, "\r\n--=_alt\r\n"
		   "Content-Type: text/html; charset=\"utf-8\"\r\n"
		   "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
	add_html(b, 30000);
	buf_str(b, "\r\n--=_alt--\r\n");
}

static void
make_attachments(struct buf *b)
{
	add_header(b, "multipart/mixed; boundary=\"----=_Part_1\"");
	buf_str(b, "\r\n------=_Part_1\r\n"
		   "Content-Type: text/plain; charset=utf-8\r\n\r\n");
	add_text(b, 1500);
	for (int i = 0; i < 2; i++) {
		buf_str(b, "\r\n------=_Part_1\r\n"
			   "Content-Type: application/pdf; name=a.pdf\r\n"
			   "Content-Disposition: attachment;\r\n"
			   " filename=a.pdf\r\n"
			   "Content-Transfer-Encoding: base64\r\n\r\n");
		add_base64(b, 700000);
	}
	buf_str(b, "\r\n------=_Part_1--\r\n");
}

static void
make_large_text(struct buf *b)
{
	add_header(b, "text/plain");
	buf_str(b, "\r\n");
	add_text(b, 4000000);
}

static const struct {
	const char *name;
	void (*make)(struct buf *b);
	int share; /* how many of a mix of 100 */
} kinds[] = {
	{ "plain", make_plain, 55 },
	{ "newsletter", make_newsletter, 35 },
	{ "attachments", make_attachments, 10 },
	{ "large text", make_large_text, 0 },
};

static void
print(const char *name, uint64_t messages, uint64_t bytes, int64_t ms)
{
	printf("%-12s %8.0f MB/s %9.0f messages/s\n", name,
	    (double)bytes / 1000.0 / (double)ms,
	    (double)messages * 1000.0 / (double)ms);
}

static void
summarise(struct arena *a, const struct buf *b)
{
	static const struct mime_limits limits = { LIMIT_MIME_DEPTH,
		LIMIT_MIME_PARTS };
	struct mime_summary s;

	mime_summarise(a, buf_span(b), &limits, &s);
	arena_reset(a);
}

static void
read_part(struct text_reader *r, const struct mime_part *part,
    struct span message, struct buf *out)
{
	struct span body = span_of(message.p + part->body, part->body_bytes);

	text_start(r, part);
	for (; body.n > 0; body = span_from(body, PIECE)) {
		buf_reset(out);
		text_feed(r, span_head(body, PIECE), out);
	}
	text_end(r, out);
}

/* As a search does it: all text of a message, and nothing is kept. */
static void
read_text(struct arena *a, const char *name, const struct buf *b)
{
	static const struct mime_limits limits = { LIMIT_MIME_DEPTH,
		LIMIT_MIME_PARTS };
	CLEANUP(text_clear) struct text_reader r = { 0 };
	CLEANUP(buf_clear) struct buf out = { 0 };
	int64_t start = clock_now_ms();
	struct mime_summary s;
	uint64_t bytes = 0;
	uint64_t n = 0;

	mime_summarise(a, buf_span(b), &limits, &s);
	for (; clock_now_ms() - start < RUN_MS; n++) {
		for (uint32_t i = 0; i < s.part_count; i++) {
			if (!s.parts[i].is_text)
				continue;
			read_part(&r, &s.parts[i], buf_span(b), &out);
			bytes += s.parts[i].body_bytes;
		}
	}
	print(name, n, bytes, clock_now_ms() - start);
	arena_reset(a);
}

int
main(void)
{
	struct arena *a = arena_new();
	struct buf mail[COUNT(kinds)] = { 0 };
	uint64_t messages = 0;
	uint64_t bytes = 0;
	int64_t start;

	for (size_t i = 0; i < COUNT(kinds); i++) {
		uint64_t n = 0;

		kinds[i].make(&mail[i]);
		start = clock_now_ms();
		for (; clock_now_ms() - start < RUN_MS; n++)
			summarise(a, &mail[i]);
		print(kinds[i].name, n, n * mail[i].n, clock_now_ms() - start);
	}

	start = clock_now_ms();
	while (clock_now_ms() - start < RUN_MS) {
		for (size_t i = 0; i < COUNT(kinds); i++) {
			for (int j = 0; j < kinds[i].share; j++)
				summarise(a, &mail[i]);
			messages += (uint64_t)kinds[i].share;
			bytes += (uint64_t)kinds[i].share * mail[i].n;
		}
	}
	print("mix", messages, bytes, clock_now_ms() - start);

	printf("Text:\n");
	for (size_t i = 0; i < COUNT(kinds); i++)
		read_text(a, kinds[i].name, &mail[i]);

	for (size_t i = 0; i < COUNT(kinds); i++)
		buf_clear(&mail[i]);
	arena_free(&a);
	return 0;
}
