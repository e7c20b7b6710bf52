#include "engine/capability.h"

#include "engine/session.h"

/* IMAP4rev1 first: some clients look no further. */
static const char *const capabilities[] = {
	"IMAP4rev1",
	"IMAP4rev2",
	"SASL-IR",
	"ID",
	"ENABLE",
	"IDLE",
	"NAMESPACE",
	"CHILDREN",
	"LIST-EXTENDED",
	"LIST-STATUS",
	"SPECIAL-USE",
	"CREATE-SPECIAL-USE",
	"UNSELECT",
	"UIDPLUS",
	"MOVE",
	"CONDSTORE",
	"QRESYNC",
	"ESEARCH",
	"SEARCHRES",
	"SEARCH=FUZZY",
	"WITHIN",
	"SORT",
	"SORT=DISPLAY",
	"THREAD=ORDEREDSUBJECT",
	"THREAD=REFERENCES",
	"THREAD=REFS",
	"MULTIAPPEND",
	"BINARY",
	"STATUS=SIZE",
	"SAVEDATE",
	"OBJECTID",
	"OBJECTID+",
	"PREVIEW",
	"PARTIAL",
	"UTF8=ACCEPT",
	"QUOTA",
	"QUOTA=RES-STORAGE",
	"QUOTA=RES-MESSAGE",
	"INPROGRESS",
};

void
capability_write(struct buf *b, const struct session *s)
{
	for (size_t i = 0; i < COUNT(capabilities); i++) {
		buf_str(b, capabilities[i]);
		buf_byte(b, ' ');
	}
	buf_str(b, s->config->literal_minus ? "LITERAL-" : "LITERAL+");
	BUF_LIT(b, " COMPRESS=DEFLATE APPENDLIMIT=");
	buf_u64(b, s->config->append_limit);
}
