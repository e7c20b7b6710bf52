/* The MIME structure of a made-up message. */
#include <stdio.h>

#include "load/mail.h"
#include "load/thread.h"

#define LEAST      ((size_t)120) /* bytes of a text */
#define BASE64_ROW 76

void
noise_add(struct buf *out, uint64_t *rng, size_t n)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned char *p = buf_room(out, n);
	uint64_t r = 0;

	for (size_t i = 0; i < n; i++, r >>= 6) {
		if (i % 10 == 0)
			r = rng_next(rng);
		p[i] = (unsigned char)alphabet[r & 63];
	}
	buf_added(out, n);
}

/* What one message's parts have in common. */
struct body {
	struct buf *out;
	const struct thread *thread;
	struct text text;
	uint32_t n;
	char boundary[32];
};

static void
add_type(struct body *b, const char *type)
{
	buf_printf(b->out, "Content-Type: %s; charset=%s\r\n%s\r\n\r\n", type,
	    b->thread->voice->charset, transfer_field(b->thread->transfer));
}

static const char *
planted_in(uint32_t n)
{
	if (mail_has_rare(n))
		return WORD_RARE;
	return mail_has_common(n) ? WORD_COMMON : NULL;
}

static struct text
text_of(uint32_t n, const struct thread *t, size_t bytes)
{
	return (struct text){ .voice = t->voice,
		.rng = rng_stream(n, DRAW_BODY),
		.bytes = bytes,
		.planted = planted_in(n) };
}

/* An answer with what it answers below. */
static void
add_plain(struct body *b, size_t bytes)
{
	static struct buf raw;
	struct text parent = text_of(b->thread->up[0], b->thread, bytes / 2);

	buf_reset(&raw);
	b->text.html = false;
	b->text.bytes = bytes;
	if (b->thread->depth > 0 && bytes > 2 * LEAST) {
		b->text.bytes -= bytes / 3;
		parent.bytes = bytes / 3;
		text_add(&raw, &b->text);
		buf_printf(&raw, "\r\nOn %u.%u. you wrote:\r\n", 1 + b->n % 28,
		    1 + b->n % 12);
		text_add_quoted(&raw, &parent);
	} else {
		text_add(&raw, &b->text);
	}
	BUF_LIT(&raw, "-- \r\n");
	voice_add(&raw, b->thread->voice, 200 + b->n % 400);
	BUF_LIT(&raw, "\r\n");
	transfer_add(b->out, b->thread->transfer, buf_span(&raw));
}

static void
add_html(struct body *b, size_t bytes)
{
	static struct buf raw;

	buf_reset(&raw);
	buf_printf(&raw,
	    "<!DOCTYPE html>\r\n<html>\r\n<head>\r\n"
	    "<meta http-equiv=\"Content-Type\" content=\"text/html;"
	    " charset=%s\">\r\n<style type=\"text/css\">\r\n"
	    "body { font-family: Arial, Helvetica, sans-serif; }\r\n"
	    "p.lead { font-size: %upx; color: #333333; }\r\n"
	    "</style>\r\n</head>\r\n<body>\r\n<p>",
	    b->thread->voice->charset, 13 + b->n % 4);
	b->text.html = true;
	b->text.bytes = bytes;
	text_add(&raw, &b->text);
	BUF_LIT(&raw, "</p>\r\n</body>\r\n</html>\r\n");
	transfer_add(b->out, b->thread->transfer, buf_span(&raw));
}

static void
add_boundary(struct body *b, const char *end)
{
	buf_printf(b->out, "--%s%s\r\n", b->boundary, end);
}

static void
add_multipart(struct body *b, const char *type)
{
	(void)snprintf(b->boundary, sizeof(b->boundary), "----=_Part_%u_%08x",
	    b->n, b->n * 2654435761U);
	buf_printf(b->out,
	    "Content-Type: multipart/%s;\r\n\tboundary=\"%s\"\r\n\r\n", type,
	    b->boundary);
	add_boundary(b, "");
}

static void
add_alternative(struct body *b, size_t bytes)
{
	add_multipart(b, "alternative");
	add_type(b, "text/plain");
	add_plain(b, bytes / 4);
	add_boundary(b, "");
	add_type(b, "text/html");
	add_html(b, bytes / 3);
	add_boundary(b, "--");
}

static void
add_attachment(struct body *b, uint64_t *rng, size_t bytes)
{
	static const char *const kinds[][2] = { { "application/pdf", "pdf" },
		{ "image/jpeg", "jpg" }, { "image/png", "png" },
		{ "application/zip", "zip" },
		{ "application/vnd.openxmlformats-officedocument."
		  "wordprocessingml.document",
		    "docx" } };
	const char *const *kind = kinds[rng_below(rng, COUNT(kinds))];
	struct span name = words_get(150 + rng_below(rng, 2000));
	size_t text = MIN(bytes / 3, (size_t)4000);

	add_multipart(b, "mixed");
	add_type(b, "text/plain");
	add_plain(b, text);
	add_boundary(b, "");
	buf_printf(b->out,
	    "Content-Type: %s; name=\"%08x.%s\"\r\n"
	    "Content-Disposition: attachment; "
	    "filename*=utf-8''%s%%20%u.%s\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\n",
	    kind[0], b->n, kind[1], name.p[0] < 0x80 ? "note" : "%C3%BC",
	    b->n % 1000, kind[1]);
	for (size_t n = 0; n < bytes - text; n += BASE64_ROW + 2) {
		noise_add(b->out, rng, BASE64_ROW);
		BUF_LIT(b->out, "\r\n");
	}
	add_boundary(b, "--");
}

#define LARGE 40000 /* nobody writes that much: it is an attachment */

void
body_add(struct buf *out, uint32_t n, const struct thread *t, size_t bytes)
{
	struct body b = { .out = out,
		.thread = t,
		.n = n,
		.text = text_of(n, t, bytes) };
	uint64_t rng = rng_stream(n, DRAW_KIND);
	uint32_t kind = rng_below(&rng, 100);

	BUF_LIT(out, "MIME-Version: 1.0\r\n");
	if (t->transfer == TRANSFER_BASE64)
		bytes = bytes / 4 * 3;
	if (bytes > LARGE || (kind < 12 && bytes > 10 * LEAST)) {
		add_attachment(&b, &rng, bytes);
	} else if (kind < 42 && bytes > 10 * LEAST) {
		add_alternative(&b, bytes);
	} else if (kind < 46 && bytes > 10 * LEAST) {
		add_type(&b, "text/html");
		add_html(&b, bytes);
	} else {
		add_type(&b, "text/plain");
		add_plain(&b, MAX(bytes, LEAST));
	}
}
