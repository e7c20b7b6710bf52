#include "io/codec.h"

#include <assert.h>
#include <zlib.h>

#include "base/mem.h"

/*
 * Clients may use the whole window of DEFLATE, which costs 32 KiB here once
 * they do.  Ours is smaller: 2^(13 + 2) + 2^(6 + 9) bytes are 64 KiB instead
 * of 256 KiB, for some per cent more on the wire.
 */
#define IN_WINDOW_BITS  15
#define OUT_WINDOW_BITS 13
#define OUT_MEMORY      6
#define OUT_LEVEL       3

#define OUT_STEP 4096

struct codec_deflate {
	struct codec codec;
	z_stream in;
	z_stream out;
	bool in_ended; /* the client closed its DEFLATE stream */
};

static enum status
decode(struct codec *c, struct span *wire, struct buf *reply,
    unsigned char *room, size_t cap, size_t *out_n)
{
	struct codec_deflate *d = (struct codec_deflate *)c;
	int rc;

	(void)reply;
	if (d->in_ended)
		return ST_NOTFOUND;
	d->in.next_in = (Bytef *)(uintptr_t)wire->p;
	d->in.avail_in = (uInt)wire->n;
	d->in.next_out = room;
	d->in.avail_out = (uInt)cap;
	rc = inflate(&d->in, Z_SYNC_FLUSH);
	*wire = span_from(*wire, wire->n - d->in.avail_in);
	*out_n = cap - d->in.avail_out;
	d->in.next_in = NULL;
	d->in.next_out = NULL;

	d->in_ended = rc == Z_STREAM_END;
	if (rc != Z_OK && rc != Z_BUF_ERROR && rc != Z_STREAM_END) {
		c->why = "not DEFLATE";
		return ST_BAD;
	}
	if (*out_n > 0)
		return ST_OK;
	return d->in_ended ? ST_NOTFOUND : ST_AGAIN;
}

/* All of plain is taken when there is room left over. */
static enum status
encode(struct codec *c, struct span plain, struct buf *wire)
{
	struct codec_deflate *d = (struct codec_deflate *)c;
	int rc;

	d->out.next_in = (Bytef *)(uintptr_t)plain.p;
	d->out.avail_in = (uInt)plain.n;
	do {
		d->out.next_out = buf_room(wire, OUT_STEP);
		d->out.avail_out = OUT_STEP;
		rc = deflate(&d->out, Z_PARTIAL_FLUSH);
		assert(rc == Z_OK || rc == Z_BUF_ERROR);
		buf_added(wire, OUT_STEP - d->out.avail_out);
	} while (d->out.avail_out == 0);
	d->out.next_in = NULL;
	d->out.next_out = NULL;
	return ST_OK;
}

/* RFC 4978 ends with the connection: there is nothing to say. */
static void
finish(struct codec *c, struct buf *wire)
{
	(void)c;
	(void)wire;
}

static void
deflate_free(struct codec *c)
{
	struct codec_deflate *d = (struct codec_deflate *)c;

	inflateEnd(&d->in);
	deflateEnd(&d->out);
	mem_free(&d);
}

/* zlib fails only for want of memory. */
static void *
alloc(void *ctx, unsigned count, unsigned size)
{
	(void)ctx;
	return mem_array(count, size);
}

static void
release(void *ctx, void *p)
{
	(void)ctx;
	mem_free(&p);
}

struct codec *
codec_deflate_new(void)
{
	static const struct codec_ops ops = { decode, encode, finish,
		deflate_free };
	struct codec_deflate *d = MEM_NEW(struct codec_deflate);
	int rc;

	d->codec.ops = &ops;
	d->in.zalloc = alloc;
	d->in.zfree = release;
	d->out.zalloc = alloc;
	d->out.zfree = release;
	rc = inflateInit2(&d->in, -IN_WINDOW_BITS);
	assert(rc == Z_OK);
	rc = deflateInit2(&d->out, OUT_LEVEL, Z_DEFLATED, -OUT_WINDOW_BITS,
	    OUT_MEMORY, Z_DEFAULT_STRATEGY);
	assert(rc == Z_OK);
	return &d->codec;
}
