#include "cli/import.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "cli/progress.h"
#include "cli/say.h"

#define BATCH_ITEMS 100
#define BATCH_BYTES 4194304

struct counts {
	uint64_t taken;
	uint64_t known; /* imported before */
	uint64_t skipped;
};

struct importer {
	struct mail_link *link;
	struct buf items;
	size_t n;
	struct progress progress;
	struct control_target target;
	bool keeps_uids;
	struct counts here;
	struct counts all;
	uint64_t mailboxes;
};

struct importer *
importer_new(struct mail_link *l)
{
	struct importer *im = MEM_NEW(struct importer);

	im->link = l;
	return im;
}

void
importer_free(struct importer **imp)
{
	struct importer *im = TAKE(*imp);

	if (im == NULL)
		return;
	buf_clear(&im->items);
	progress_clear(&im->progress);
	free(im);
}

void
importer_skip(struct importer *im, const char *what, const char *why)
{
	progress_error(what, why);
	im->here.skipped++;
	im->all.skipped++;
}

enum status
importer_begin(struct importer *im, const struct import_mailbox *m)
{
	struct control_request r = { .op = CONTROL_PREPARE,
		.name = m->name,
		.use = m->use,
		.subscribed = m->subscribed,
		.uidvalidity = m->uidvalidity };
	struct control_reply reply;
	enum status st;

	im->here = (struct counts){ 0 };
	progress_begin(&im->progress, m->name, m->total);
	st = mail_link_do(im->link, &r, progress_name(&im->progress), &reply);
	if (st == ST_OK && !control_target_next(&reply.rest, &im->target))
		st = ST_IO;
	if (st == ST_BAD || st == ST_LIMIT)
		im->all.skipped++;
	if (st == ST_OK)
		im->keeps_uids = m->uidvalidity != 0 &&
		                 im->target.uidvalidity == m->uidvalidity;
	return st;
}

static enum status
flush(struct importer *im)
{
	struct control_request r = { .op = CONTROL_IMPORT,
		.mailbox = im->target.mailbox,
		.items = buf_span(&im->items) };
	struct control_reply reply;
	enum status st;

	if (im->n == 0)
		return ST_OK;
	st = mail_link_do(im->link, &r, progress_name(&im->progress), &reply);
	if (st != ST_OK)
		return st;
	for (; im->n > 0; im->n--) {
		if (unpack_u64(&reply.rest) != 0)
			im->here.taken++;
		else
			im->here.known++;
	}
	buf_reset(&im->items);
	return ST_OK;
}

enum status
importer_add(struct importer *im, const struct control_item *i)
{
	struct control_item item = *i;
	enum status st = ST_OK;

	if (!im->keeps_uids)
		item.uid = 0;
	if (im->items.n + item.bytes.n > BATCH_BYTES)
		st = flush(im);
	if (st != ST_OK)
		return st;
	control_item_pack(&im->items, &item);
	if (++im->n == BATCH_ITEMS)
		st = flush(im);
	return st;
}

void
importer_progress(struct importer *im, uint64_t done)
{
	progress_show(&im->progress, done);
}

static void
say_counts(const struct importer *im)
{
	progress_hide();
	say("%s: %" PRIu64 " imported", progress_name(&im->progress),
	    im->here.taken);
	if (im->here.known > 0)
		say(", %" PRIu64 " there already", im->here.known);
	if (im->here.skipped > 0)
		say(", %" PRIu64 " left out", im->here.skipped);
	say("\n");
}

enum status
importer_end(struct importer *im, uint32_t uidnext)
{
	struct control_request r = { .op = CONTROL_UIDNEXT,
		.mailbox = im->target.mailbox,
		.uid = uidnext };
	struct control_reply reply;
	enum status st = flush(im);

	if (st == ST_OK && im->keeps_uids && uidnext > 0)
		st = mail_link_do(im->link, &r, progress_name(&im->progress),
		    &reply);
	if (st != ST_OK)
		return st;
	im->all.taken += im->here.taken;
	im->all.known += im->here.known;
	im->mailboxes++;
	say_counts(im);
	return ST_OK;
}

bool
importer_done(struct importer *im)
{
	say("%" PRIu64 " message%s imported into %" PRIu64 " mailbox%s",
	    im->all.taken, im->all.taken == 1 ? "" : "s", im->mailboxes,
	    im->mailboxes == 1 ? "" : "es");
	if (im->all.known > 0)
		say("; %" PRIu64 " %s there already", im->all.known,
		    im->all.known == 1 ? "was" : "were");
	say("\n");
	if (im->all.skipped > 0)
		say_error("%" PRIu64 " could not be read or taken: named "
			  "above",
		    im->all.skipped);
	return im->all.skipped == 0;
}
